"""Tests that write at random, and first prove that nobody has written before: copied into a project and run by test_stress.py."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from harness.stores.dynamodb_ready import table_names
from harness.stores.registry import open_stores

if TYPE_CHECKING:
    from harness.testing.pair import Pair

COUNT, SEED = int(os.environ["STRESS_TESTS"]), os.environ["STRESS_SEED"]
#: One test in so many kills its worker; 0: none.
DEADLY = int(os.environ["STRESS_DEADLY"])

pytestmark = pytest.mark.harness(users=4, groups=2, messages=12)
OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'leaked'"
TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
#: Connections and transactions that no test ever closes.
LEAKED: list[Any] = []


def prove_untouched(pair: Pair) -> None:
    with open_stores(pair.endpoints) as stores:
        assert stores.digests(pair.dataset) == pair.dataset.table_digests()
        assert list(table_names(stores.dynamodb.wire)) == [pair.dataset.table]
    assert pair.postgres.execute(OTHERS).fetchall() == []
    assert pair.postgres.execute(TABLES).fetchall() == [("activities",), ("harness_migrations",), ("users",)]


def change_rows(pair: Pair, chance: random.Random) -> None:
    handle = chance.choice(pair.dataset.users).handle
    pair.postgres.execute("UPDATE users SET display_name = 'x' WHERE handle = %s", [handle])
    pair.postgres.execute("DELETE FROM activities")
    pair.postgres.execute(f"CREATE TABLE IF NOT EXISTS public.of_{handle.replace('-', '_')} ()")


def change_items(pair: Pair, chance: random.Random) -> None:
    for item in chance.sample(list(pair.dataset.items()), 3):
        key = {name: item[name]["S"] for name in ("pk", "sk")}
        if chance.random() < 0.5:
            pair.table.delete_item(Key=key)
        else:
            pair.table.put_item(Item=key | {"message_group_uuid": "x", "message": "x" * chance.randrange(2000)})


def leak_connection(pair: Pair, _: random.Random) -> None:
    LEAKED.append(psycopg.connect(pair.endpoints.postgres.dsn, application_name="leaked"))


def leak_transaction(pair: Pair, _: random.Random) -> None:
    connection = psycopg.connect(pair.endpoints.postgres.dsn, application_name="leaked")
    connection.execute("LOCK TABLE users")
    LEAKED.append(connection)


def leak_thread(pair: Pair, _: random.Random) -> None:
    """Write on behind the test's back, until the namespace is gone."""

    table = pair.table

    def write() -> None:
        with suppress(ClientError):
            for number in range(20):
                table.put_item(Item={"pk": f"thread {number}", "sk": "x"})

    threading.Thread(target=write, daemon=True).start()


def drop_database(pair: Pair, _: random.Random) -> None:
    server = replace(pair.endpoints.postgres, database="postgres")
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{pair.endpoints.postgres.database}" WITH (FORCE)')


def delete_table(pair: Pair, _: random.Random) -> None:
    pair.table.delete()


def make_table(pair: Pair, _: random.Random) -> None:
    pair.dynamodb.create_table(
        TableName="another",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
    )


Write = Callable[["Pair", random.Random], None]
WRITES: list[Write] = [change_rows, change_items, change_rows, change_items]
WRITES += [leak_connection, leak_transaction, leak_thread, drop_database, delete_table, make_table]
#: What leaves nothing to write to comes last.
LAST: dict[Write, int] = {leak_transaction: 1, drop_database: 2, delete_table: 3}


@pytest.mark.parametrize("number", range(COUNT))
def test_write(number: int, harness_namespace: Pair) -> None:
    prove_untouched(harness_namespace)
    chance = random.Random(f"{SEED} {number}")
    for write in sorted(chance.sample(WRITES, 3), key=lambda write: LAST.get(write, 0)):
        write(harness_namespace, chance)
    if DEADLY and number % DEADLY == DEADLY - 1:
        os._exit(1)
