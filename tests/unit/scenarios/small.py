"""Small datasets, made by hand: who talks to whom, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from harness.dataset import Dataset, Message, MessageGroup, User

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AS_OF = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
HANDLES = ("ann", "bea", "cem", "dov", "eva", "fei", "gus", "hal")


def user(number: int) -> User:
    handle = HANDLES[number]
    return User(
        uuid=str(UUID(int=0xA0000 + number)),
        display_name=f"{handle.title()} Ündersön",
        handle=handle,
        email=f"{handle}@example.org",
        cognito_user_id=str(UUID(int=0xC0000 + number)),
        created_at=AS_OF - timedelta(days=400),
    )


def group_uuid(number: int) -> str:
    return str(UUID(int=0xB0000 + number))


def group(number: int, pair: tuple[User, User], count: int, *, apart: timedelta = timedelta(days=1)) -> MessageGroup:
    """`count` messages, `apart`, so that some days of them cross a new year; the last one hours before AS_OF."""
    return MessageGroup(
        uuid=group_uuid(number),
        participants=pair,
        message_count=count,
        last_message=_message(number, pair, count, count - 1, apart),
    )


def _message(number: int, pair: tuple[User, User], count: int, index: int, apart: timedelta) -> Message:
    return Message(
        uuid=str(UUID(int=(0xD0000 + number) * 0x10000 + index)),
        message_group_uuid=group_uuid(number),
        sender=pair[index % 2],
        text=f"message {index} of group {number}",
        created_at=AS_OF - timedelta(hours=number + 1) - apart * (count - 1 - index),
    )


def dataset(
    users: int = 4,
    pairs: Sequence[tuple[int, int]] = ((0, 1), (0, 2), (1, 2)),
    messages: int = 25,
    *,
    apart: timedelta = timedelta(days=1),
) -> Dataset:
    people = tuple(user(number) for number in range(users))
    groups = tuple(group(i, (people[a], people[b]), messages, apart=apart) for i, (a, b) in enumerate(pairs))
    numbers = {each.uuid: number for number, each in enumerate(groups)}

    def messages_of(each: MessageGroup) -> Iterator[Message]:
        for index in range(each.message_count):
            number = numbers[each.uuid]
            yield _message(number, each.participants, each.message_count, index, apart)

    return Dataset(
        seed=0,
        as_of=AS_OF,
        table="cruddur-messages",
        users=people,
        groups=groups,
        activities=(),
        messages_of=messages_of,
    )
