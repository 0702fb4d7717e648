"""What is read of two databases, whoever filled them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from harness.errors import EnvironmentFailure
from harness.stores import survey_dynamodb, survey_postgres
from harness.stores.survey import survey

if TYPE_CHECKING:
    from harness.dataset import Dataset
    from harness.endpoint import Endpoints
    from harness.schema import Schema
    from harness.stores.registry import Stores


def test_our_own_seed_is_read_whole(pair: Endpoints, stores: Stores, schema: Schema, dataset: Dataset) -> None:
    stores.apply_schema(schema)
    stores.load(dataset, schema)
    held = survey(pair)
    (table,) = held.tables.values()
    assert table.count == len(table.items) == len(list(dataset.items()))
    assert table.description["KeySchema"][0]["AttributeName"] == "pk"
    assert held.users is not None
    assert {row["handle"] for row in held.users.rows} == {user.handle for user in dataset.users}
    assert ("handle",) in held.users.unique
    assert ("uuid",) in held.users.unique


def test_empty_databases_hold_nothing(pair: Endpoints) -> None:
    held = survey(pair)
    assert (held.relations, held.tables) == ({}, {})
    missing = replace(pair, postgres=replace(pair.postgres, database="nobody_made_it"))
    assert survey(missing).relations == {}


def test_a_role_that_does_not_exist_is_no_empty_database(pair: Endpoints) -> None:
    stranger = replace(pair, postgres=replace(pair.postgres, user="nobody_at_all"))
    with pytest.raises(EnvironmentFailure, match="nobody_at_all"):
        survey(stranger)


def test_columns_are_told_as_postgres_tells_them(pair: Endpoints) -> None:
    with psycopg.connect(pair.postgres.dsn, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA other")
        connection.execute(
            "CREATE TABLE other.things (id uuid DEFAULT gen_random_uuid() NOT NULL, at timestamp, n numeric, a int, b int)"
        )
        connection.execute("CREATE UNIQUE INDEX ON other.things (a, b) INCLUDE (n)")
        connection.execute("CREATE UNIQUE INDEX ON other.things (a) WHERE b > 0")
        connection.execute("CREATE UNIQUE INDEX ON other.things (lower(n::text))")
        connection.execute("INSERT INTO other.things (at, n) VALUES ('2026-01-01 12:00', 1.5)")
    things = survey(pair).relations["other.things"]
    assert [(each.name, each.type, each.nullable, each.has_default) for each in things.columns[:2]] == [
        ("id", "uuid", False, True),
        ("at", "timestamp without time zone", True, False),
    ]
    assert things.unique == (("a", "b"),)
    assert things.rows[0]["at"] == "2026-01-01 12:00:00"
    assert things.rows[0]["n"] == "1.5"
    assert things.rows[0]["a"] is None


def test_of_large_tables_the_first_part_is_read_and_all_is_counted(
    pair: Endpoints,
    stores: Stores,
    schema: Schema,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stores.apply_schema(schema)
    stores.load(dataset, schema)
    monkeypatch.setattr(survey_dynamodb, "_MOST_ITEMS", 2)
    monkeypatch.setattr(survey_postgres, "_MOST_ROWS", 1)
    held = survey(pair)
    (table,) = held.tables.values()
    assert (len(table.items), table.count) == (2, len(list(dataset.items())))
    assert held.users is not None
    assert (len(held.users.rows), held.users.count) == (1, len(dataset.users))


def test_who_does_not_answer_is_named(pair: Endpoints) -> None:
    with pytest.raises(EnvironmentFailure, match=r"127\.0\.0\.1:1"):
        survey(replace(pair, postgres=replace(pair.postgres, port=1)))
    with pytest.raises(EnvironmentFailure, match=r"127\.0\.0\.1:1"):
        survey(replace(pair, dynamodb=replace(pair.dynamodb, url="http://127.0.0.1:1")))
