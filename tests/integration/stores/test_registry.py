"""What both stores promise together, on every engine."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from harness.digest import combine
from harness.errors import EnvironmentFailure, UsageError
from harness.stores.clients import make_client
from harness.stores.registry import open_stores
from tests.integration.stores.conftest import make_dataset
from tests.integration.stores.cutting_proxy import cut_after

if TYPE_CHECKING:
    import psycopg

    from harness.dataset import Dataset
    from harness.endpoint import Endpoints
    from harness.schema import Schema
    from harness.stores.registry import Stores

FOREIGN = {"pk": {"S": "MSG#somebody-else"}, "sk": {"S": "2026"}}


def put(stores: Stores, item: dict[str, Any]) -> None:
    stores.dynamodb.wire.call("PutItem", {"TableName": "cruddur-messages", "Item": item})


def stream_records(endpoints: Endpoints) -> list[str]:
    """Event names of everything that the table's stream holds."""
    streams = make_client(endpoints.dynamodb, "dynamodbstreams")
    table = make_client(endpoints.dynamodb).describe_table(TableName="cruddur-messages")["Table"]
    arn = table["LatestStreamArn"]
    names: list[str] = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        names += [record["eventName"] for record in streams.get_records(ShardIterator=iterator)["Records"]]
    return names


def test_apply_twice_does_nothing_the_second_time(stores: Stores, schema: Schema) -> None:
    assert stores.diff(schema)
    assert stores.apply_schema(schema)
    assert stores.apply_schema(schema) == ()
    assert stores.diff(schema) == ()


def test_load_holds_exactly_the_dataset(stores: Stores, schema: Schema, dataset: Dataset) -> None:
    stores.apply_schema(schema)

    assert stores.load(dataset, schema)

    assert combine(stores.digests(dataset)) == dataset.digest()
    assert {name: digest.count for name, digest in stores.digests(dataset).items()} == {
        "cruddur-messages": 48,
        "public.users": 6,
        "public.activities": 5,
    }
    assert stores.diff(schema) == ()


def test_load_twice_writes_nothing_the_second_time(
    stores: Stores, schema: Schema, dataset: Dataset, connection: psycopg.Connection
) -> None:
    stores.apply_schema(schema)
    stores.load(dataset, schema)
    arn = stores.dynamodb.wire.call("DescribeTable", {"TableName": dataset.table})["Table"]["LatestStreamArn"]
    before = connection.execute("SELECT xmin, ctid FROM users").fetchall()

    assert not stores.load(dataset, schema)

    assert connection.execute("SELECT xmin, ctid FROM users").fetchall() == before
    after = stores.dynamodb.wire.call("DescribeTable", {"TableName": dataset.table})["Table"]["LatestStreamArn"]
    assert after == arn


def test_load_replaces_whatever_was_there(
    stores: Stores, schema: Schema, dataset: Dataset, connection: psycopg.Connection
) -> None:
    stores.apply_schema(schema)
    stores.load(make_dataset(groups=6, messages=30), schema)
    put(stores, FOREIGN)
    connection.execute("DELETE FROM users WHERE handle = 'zoe1'")

    assert stores.load(dataset, schema)

    assert combine(stores.digests(dataset)) == dataset.digest()


def test_load_fires_no_trigger_and_leaves_the_stream_on(
    stores: Stores, schema: Schema, dataset: Dataset, pair: Endpoints
) -> None:
    stores.apply_schema(schema)
    stores.load(dataset, schema)

    assert stream_records(pair) == []

    put(stores, FOREIGN)
    assert stream_records(pair) == ["INSERT"]


def test_load_switches_on_a_stream_that_a_killed_load_left_off(
    stores: Stores, schema: Schema, dataset: Dataset
) -> None:
    stores.apply_schema(schema)
    stores.load(dataset, schema)
    stores.dynamodb.wire.call(
        "UpdateTable", {"TableName": dataset.table, "StreamSpecification": {"StreamEnabled": False}}
    )

    assert stores.load(dataset, schema)

    assert stores.diff(schema) == ()
    assert not stores.load(dataset, schema)


def test_load_that_somebody_writes_into_says_so(stores: Stores, schema: Schema, dataset: Dataset) -> None:
    stores.apply_schema(schema)

    def meddle(what: str, done: int, total: int | None) -> None:
        if what == dataset.table and done == total:
            put(stores, FOREIGN)

    with pytest.raises(EnvironmentFailure, match=r"cruddur-messages does not hold what was loaded: 49 .* 48 wanted"):
        stores.load(dataset, schema, meddle)


def test_dynamodb_killed_in_the_middle_says_how_much_and_the_next_load_repairs(pair: Endpoints, schema: Schema) -> None:
    dataset = make_dataset(groups=20, messages=100)
    parts = urlsplit(pair.dynamodb.url)
    assert parts.hostname
    assert parts.port
    with open_stores(pair) as stores:
        stores.apply_schema(schema)
    with cut_after(300_000, parts.hostname, parts.port) as proxy:
        through = replace(pair, dynamodb=replace(pair.dynamodb, url=f"http://127.0.0.1:{proxy.port}"))
        with open_stores(through) as stores, pytest.raises(EnvironmentFailure) as caught:
            stores.load(dataset, schema)
        assert proxy.cut.is_set()
    done = int(caught.value.message.split(": ")[1].split(" of ")[0])
    assert 0 < done < 2040
    assert "of 2040 items of cruddur-messages were loaded. DynamoDB does not answer" in caught.value.message
    assert "harness seed" in caught.value.hint

    with open_stores(pair) as stores:
        assert stores.dynamodb.digests(dataset)[dataset.table].count < 2040
        assert stores.load(dataset, schema)
        assert combine(stores.digests(dataset)) == dataset.digest()
        assert stores.diff(schema) == ()


def test_postgres_killed_in_the_middle_leaves_what_was_there(pair: Endpoints, schema: Schema, dataset: Dataset) -> None:
    big = replace(dataset, activities=tuple(replace(each, message="x" * 200_000) for each in make_dataset().activities))
    with open_stores(pair) as stores:
        stores.apply_schema(schema)
        stores.load(dataset, schema)
    with cut_after(500_000, pair.postgres.host, pair.postgres.port) as proxy:
        through = replace(pair, postgres=replace(pair.postgres, host="127.0.0.1", port=proxy.port))
        with open_stores(through) as stores, pytest.raises(EnvironmentFailure) as caught:
            stores.load(big, schema)
    assert "none of 6 users and 5 activities were loaded. Postgres does not answer" in caught.value.message

    with open_stores(pair) as stores:
        assert combine(stores.digests(dataset)) == dataset.digest()
        assert stores.load(big, schema)
        assert combine(stores.digests(big)) == big.digest()


def test_apply_refuses_before_anything_is_changed(stores: Stores, schema: Schema) -> None:
    stores.apply_schema(schema)
    table = schema.tables[0]
    keys = json.loads(json.dumps(table.definition))
    keys["KeySchema"][1]["AttributeName"] = "message_group_uuid"
    changed = replace(
        schema,
        tables=(replace(table, definition=keys),),
        migrations=(*schema.migrations, replace(schema.migrations[0], name="0002_new.sql", sql="SELECT 1")),
    )

    with pytest.raises(UsageError, match="another key schema"):
        stores.apply_schema(changed)

    assert [each.what for each in stores.postgres.diff(changed)] == ["migration 0002_new.sql"]


def test_read_only_stores_change_nothing(pair: Endpoints, schema: Schema, dataset: Dataset) -> None:
    with open_stores(pair, read_only=True) as stores:
        with pytest.raises(UsageError, match="read-only"):
            stores.apply_schema(schema)
        with pytest.raises(UsageError, match="read-only"):
            stores.load(dataset, schema)
        assert [each.what for each in stores.diff(schema)] == ["migration 0001_users_and_activities.sql", "table"]
