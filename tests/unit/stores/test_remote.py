"""What is never done to a database of somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from harness.dataset import Dataset
from harness.digest import TableDigest
from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint, is_loopback
from harness.errors import UsageError
from harness.schema import Schema
from harness.stores.registry import open_stores

if TYPE_CHECKING:
    from harness.stores.registry import Stores

EMPTY = Schema(tables=(), migrations=())


def stores(url: str, host: str) -> Stores:
    postgres = PostgresEndpoint(host=host, port=5432, user="u", password="secret", database="d")
    return open_stores(Endpoints(dynamodb=DynamoDBEndpoint(url=url), postgres=postgres))


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://127.1.2.3", True),
        ("https://dynamodb.eu-west-1.amazonaws.com", False),
        ("http://10.0.0.1:8000", False),
        ("http://localhost.example.com", False),
        ("nonsense", False),
    ],
)
def test_only_loopback_is_local(url: str, *, local: bool) -> None:
    assert DynamoDBEndpoint(url=url).is_local is local


def test_socket_folder_is_on_this_machine() -> None:
    assert is_loopback("/var/run/postgresql")
    assert not is_loopback("")


@pytest.mark.parametrize(
    ("url", "host"), [("https://dynamodb.example.com", "127.0.0.1"), ("http://127.0.0.1:1", "db.example.com")]
)
def test_remote_pair_is_never_recreated(url: str, host: str) -> None:
    with pytest.raises(UsageError, match="never runs on a remote target") as caught:
        stores(url, host).apply_schema(EMPTY, recreate=True)
    assert "secret" not in caught.value.message


def test_remote_rows_are_never_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = stores("http://127.0.0.1:1", "db.example.com")
    dataset = Dataset(
        seed=1,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        table="t",
        users=(),
        groups=(),
        activities=(),
        messages_of=lambda _: iter(()),
    )
    held = TableDigest()
    held.add_row(("somebody",))
    monkeypatch.setattr(pair.dynamodb, "digests", lambda _: {"t": TableDigest()})
    monkeypatch.setattr(pair.postgres, "digests", lambda _: {"public.users": held})

    with pytest.raises(UsageError, match=r"public.users at .* holds 1 rows that are not this seed's"):
        pair.load(dataset, EMPTY)
