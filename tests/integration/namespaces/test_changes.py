"""What a test did to its namespace is told, also when it ruined it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from harness.namespaces.changes import find_changes
from harness.stores.clients import make_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import Dataset
    from harness.namespaces.maker import Maker
    from harness.namespaces.namespace import Namespace
    from harness.namespaces.template import Template


@pytest.fixture
def namespace(maker: Maker, template: Template) -> Iterator[Namespace]:
    made = maker.make(template)
    yield made
    maker.drop(made)


def test_nothing_written_nothing_told(namespace: Namespace, template: Template, maker: Maker) -> None:
    assert find_changes(namespace, template, maker) == ()


def test_rows_and_items_are_told(namespace: Namespace, template: Template, maker: Maker, dataset: Dataset) -> None:
    user = dataset.users[0]
    item = next(dataset.items())
    with psycopg.connect(namespace.endpoints.postgres.dsn, autocommit=True) as connection:
        connection.execute("UPDATE users SET handle = 'renamed' WHERE uuid = %s", [user.uuid])
        connection.execute("DELETE FROM activities")
        connection.execute("CREATE TABLE extra (n int)")
        connection.execute("INSERT INTO extra VALUES (1), (1)")
    with closing(make_client(namespace.endpoints.dynamodb)) as client:
        client.delete_item(TableName=dataset.table, Key={"pk": item["pk"], "sk": item["sk"]})
        client.put_item(TableName=dataset.table, Item={"pk": {"S": "MSG#new"}, "sk": {"S": "1"}})
    found = {table.name: table for table in find_changes(namespace, template, maker)}
    assert found[dataset.table].counts() == {"added": 1, "removed": 1, "changed": 0}
    assert found["public.activities"].counts()["removed"] == len(dataset.activities)
    [renamed] = found["public.users"].changes
    assert renamed.before is not None
    assert renamed.after is not None
    assert (renamed.before["handle"], renamed.after["handle"]) == (user.handle, "renamed")
    assert found["public.extra"].note == "the table was created"
    assert found["public.extra"].counts()["added"] == 2


def test_what_was_ruined_is_told(namespace: Namespace, template: Template, maker: Maker, dataset: Dataset) -> None:
    with closing(make_client(namespace.endpoints.dynamodb)) as client:
        client.delete_table(TableName=dataset.table)
    with psycopg.connect(namespace.endpoints.postgres.dsn) as leaked:
        leaked.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        held = {table.name: table.note or "" for table in find_changes(namespace, template, maker)}
    assert held[dataset.table] == "the table was deleted"
    assert "lock" in held[namespace.name]
    with psycopg.connect(maker.base.postgres.dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {namespace.name} WITH (FORCE)")
    gone = {table.name: table.note or "" for table in find_changes(namespace, template, maker)}
    assert "no database" in gone[namespace.name]
