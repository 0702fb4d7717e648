"""A namespace of its own for each test: a fresh DynamoDB account, a fresh Postgres database."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from harness.dataset import Activity, Dataset, Message, MessageGroup, User
from harness.endpoint import Endpoints
from harness.schema_files import read_schema
from harness.stores.registry import Stores, open_stores
from tests.integration.conftest import ROOT, config_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.schema import Schema

AS_OF = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def schema() -> Schema:
    """The schema that the harness ships."""
    return read_schema(
        config_for(
            ROOT, dynamodb_schema=("seeds/schema/dynamodb/*.json",), postgres_schema=("seeds/schema/postgres/*.sql",)
        )
    )


@pytest.fixture
def pair(engine_pair: Endpoints) -> Iterator[Endpoints]:
    """Both engines read a 12-digit access key as an account of its own."""
    key = f"{random.randrange(10**11, 10**12)}"
    name = f"test_{key}"
    with psycopg.connect(engine_pair.postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield Endpoints(
            dynamodb=replace(engine_pair.dynamodb, access_key_id=key),
            postgres=replace(engine_pair.postgres, database=name),
        )
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def stores(pair: Endpoints) -> Iterator[Stores]:
    """Both stores, empty."""
    with open_stores(pair) as opened:
        yield opened


@pytest.fixture
def connection(pair: Endpoints) -> Iterator[psycopg.Connection]:
    """Somebody else's connection to the same database."""
    with psycopg.connect(pair.postgres.dsn, autocommit=True) as opened:
        yield opened


@pytest.fixture
def dataset() -> Dataset:
    """Four conversations of ten messages."""
    return make_dataset()


def make_dataset(*, groups: int = 4, messages: int = 10) -> Dataset:
    """Return six people, their conversations, and a chain of activities."""
    people = tuple(_user(number) for number in range(6))
    conversations = tuple(_group(number, people, messages) for number in range(groups))
    return Dataset(
        seed=1,
        as_of=AS_OF,
        table="cruddur-messages",
        users=people,
        groups=conversations,
        activities=tuple(_activity(number, people) for number in range(5)),
        messages_of=lambda group: (_message(group, number) for number in range(group.message_count)),
    )


def _user(number: int) -> User:
    return User(
        uuid=str(UUID(int=number + 1)),
        display_name=f"Zoë {number}",
        handle=f"zoe{number}",
        email=f"zoe{number}@example.com",
        cognito_user_id="MOCK" if number < 2 else f"cognito-{number}",
        created_at=AS_OF - timedelta(days=300),
    )


def _group(number: int, people: tuple[User, ...], messages: int) -> MessageGroup:
    first, second = people[number % len(people)], people[(number + 1) % len(people)]
    empty = MessageGroup(
        uuid=str(UUID(int=1000 + number)),
        participants=(first, second),
        message_count=messages,
        last_message=None,  # type: ignore[arg-type]
    )
    return replace(empty, last_message=_message(empty, messages - 1))


def _message(group: MessageGroup, number: int) -> Message:
    offset = UUID(group.uuid).int - 1000
    return Message(
        uuid=str(UUID(int=10**6 * (offset + 1) + number)),
        message_group_uuid=group.uuid,
        sender=group.participants[number % 2],
        text=f'“{number}” \\ "quoted" \N{PARTY POPPER}',
        created_at=AS_OF - timedelta(hours=200) + timedelta(minutes=number, microseconds=offset),
    )


def _activity(number: int, people: tuple[User, ...]) -> Activity:
    return Activity(
        uuid=str(UUID(int=500 + number)),
        user_uuid=people[number].uuid,
        message="tab\t, newline\n, backslash \\N, quote \"'",
        replies_count=0,
        reposts_count=1,
        likes_count=number,
        reply_to_activity_uuid=str(UUID(int=499 + number)) if number else None,
        expires_at=AS_OF + timedelta(days=7),
        created_at=AS_OF - timedelta(days=1),
    )
