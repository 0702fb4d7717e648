"""The seeds of `seeds/broken` in running databases: read back from there, each still trips its own check only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest

from harness.diagnosis.facts import Facts
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import diagnose
from harness.stores.survey import survey
from tests.broken_seeds import CLEAN, COLUMNS, broken_codes, broken_seed

if TYPE_CHECKING:
    from harness.endpoint import Endpoints
    from harness.schema import Schema
    from harness.stores.registry import Stores
    from tests.broken_seeds import BrokenSeed

_TABLE = "cruddur-messages"


def load(seed: BrokenSeed, connection: psycopg.Connection, stores: Stores) -> None:
    """Put it there as it is: a loader of ours would refuse some of it."""
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(COLUMNS))
        cursor.executemany(
            f"INSERT INTO public.users ({', '.join(COLUMNS)}) VALUES ({marks})",
            [[user[name] for name in COLUMNS] for user in seed.users],
        )
    requests = [{"PutRequest": {"Item": item}} for item in seed.items]  # fewer than the 25 that one request takes
    answer = stores.dynamodb.wire.call("BatchWriteItem", {"RequestItems": {_TABLE: requests}})
    assert not answer.get("UnprocessedItems")


_EVERY = {name: broken_seed(name) for name in (CLEAN, *broken_codes())}


@pytest.mark.parametrize("code", [name for name, seed in _EVERY.items() if not seed.refused])
def test_a_broken_seed_is_found_in_the_databases(
    code: str, pair: Endpoints, stores: Stores, schema: Schema, connection: psycopg.Connection
) -> None:
    stores.apply_schema(schema)
    seed = _EVERY[code]
    load(seed, connection, stores)
    held = survey(pair)
    assert held.tables[_TABLE].count == len(seed.items)
    findings = diagnose(Facts(now=datetime.now(UTC), held=held), all_checks())
    assert [each.code for each in findings] == ([] if code == CLEAN else [code]), findings


@pytest.mark.parametrize("code", [name for name, seed in _EVERY.items() if seed.refused])
def test_what_the_shipped_schema_keeps_out(
    code: str, stores: Stores, schema: Schema, connection: psycopg.Connection
) -> None:
    stores.apply_schema(schema)
    with pytest.raises(psycopg.errors.UniqueViolation):
        load(_EVERY[code], connection, stores)
