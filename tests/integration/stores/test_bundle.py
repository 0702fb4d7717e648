"""A table made at once is the one that is made request by request; what is ended leaves nothing, and nobody else's goes with it."""

from __future__ import annotations

import json
import random
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from harness.stores import dynamodb_bundle, dynamodb_ready
from harness.stores.aws_api import STREAMS
from harness.stores.dynamodb_ready import ReadyTable
from harness.stores.dynamodb_wire import ServiceError, Wire
from tests.integration.stores.conftest import make_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import DynamoDBEndpoint, Endpoints
    from harness.schema import Schema

TABLE = "cruddur-messages"


@pytest.fixture
def wire(embedded_pair: Endpoints) -> Iterator[Wire]:
    """An access key of its own."""
    with closing(Wire(_own(embedded_pair))) as opened:
        yield opened


@pytest.fixture
def table(schema: Schema) -> ReadyTable:
    """More than two bundles, and an attribute by which items expire."""
    return ReadyTable.of(replace(schema.tables[0], ttl_attribute="expires_at"), make_dataset(messages=150).items())


def _own(pair: Endpoints) -> DynamoDBEndpoint:
    return replace(pair.dynamodb, access_key_id=f"{random.randrange(10**11, 10**12)}")


def _described(wire: Wire) -> list[Any]:
    """What is told of the table, but for what is another's with every table."""
    found = wire.call("DescribeTable", {"TableName": TABLE})["Table"]
    key = wire.endpoint.access_key_id
    for name in ("TableId", "CreationDateTime", "LatestStreamLabel", "LatestStreamArn"):
        found.pop(name, None)
    expiry = wire.call("DescribeTimeToLive", {"TableName": TABLE})
    items = [page["Items"] for page in wire.pages("Scan", {"TableName": TABLE})]
    return json.loads(json.dumps([found, expiry, items]).replace(key, "…"))  # type: ignore[no-any-return]


def _stream(wire: Wire) -> str | None:
    arn: str | None = wire.call("DescribeTable", {"TableName": TABLE})["Table"].get("LatestStreamArn")
    return arn


def _records(streams: Wire, arn: str | None) -> list[dict[str, Any]]:
    [shard] = streams.call("DescribeStream", {"StreamArn": arn})["StreamDescription"]["Shards"]
    start = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.call("GetShardIterator", start)["ShardIterator"]
    records: list[dict[str, Any]] = streams.call("GetRecords", {"ShardIterator": iterator})["Records"]
    return records


def test_made_at_once_or_one_by_one_it_is_the_same_table(
    wire: Wire, table: ReadyTable, embedded_pair: Endpoints
) -> None:
    assert len(table.fills) > 20
    arn = dynamodb_bundle.make_table(wire, table)
    assert wire.endpoint.access_key_id in arn
    with closing(Wire(_own(embedded_pair))) as other:
        dynamodb_ready.make_table(other, table)
        assert _described(wire) == _described(other)


def test_nothing_of_what_it_holds_is_in_its_stream(wire: Wire, table: ReadyTable) -> None:
    dynamodb_bundle.make_table(wire, table)
    with closing(Wire(wire.endpoint, api=STREAMS)) as streams:
        assert _records(streams, _stream(wire)) == []
        wire.call("PutItem", {"TableName": TABLE, "Item": {"pk": {"S": "MSG#1"}, "sk": {"S": "1"}}})
        assert len(_records(streams, _stream(wire))) == 1


def test_request_that_fails_is_named_and_none_comes_after_it(wire: Wire, table: ReadyTable) -> None:
    wrong = replace(table, fills=(*table.fills[:2], table.fills[0].replace(b'"pk"', b'"kp"'), *table.fills[3:]))
    with pytest.raises(ServiceError, match="BatchWriteItem: ValidationException: The provided key") as error:
        dynamodb_bundle.make_table(wire, wrong)
    assert error.value.status == 400
    assert len(_described(wire)[2][0]) == 50
    assert _stream(wire) is None
    with pytest.raises(ServiceError, match="CreateTable: ResourceInUseException"):
        dynamodb_bundle.make_table(wire, table)


def test_ended_key_has_no_table_and_no_stream_and_others_have_theirs(
    wire: Wire, table: ReadyTable, embedded_pair: Endpoints
) -> None:
    with closing(Wire(_own(embedded_pair))) as other, closing(Wire(other.endpoint, api=STREAMS)) as theirs:
        dynamodb_bundle.make_table(other, table)
        other.call("PutItem", {"TableName": TABLE, "Item": {"pk": {"S": "MSG#1"}, "sk": {"S": "1"}}})
        closed = _stream(other)
        other.call("DeleteTable", {"TableName": TABLE})
        dynamodb_bundle.make_table(other, table)

        dynamodb_bundle.make_table(wire, table)
        lost = _stream(wire)
        wire.call("UpdateTable", {"TableName": TABLE, "DeletionProtectionEnabled": True})
        plain = json.loads(table.create)
        for number in range(101):  # more than one page of ListTables
            wire.call("CreateTable", plain | {"TableName": f"theirs-{number}"})
        dynamodb_bundle.delete_tables(wire)

        assert list(dynamodb_ready.table_names(wire)) == []
        with (
            closing(Wire(wire.endpoint, api=STREAMS)) as streams,
            pytest.raises(ServiceError, match="ResourceNotFound"),
        ):
            streams.call("DescribeStream", {"StreamArn": lost})
        assert list(dynamodb_ready.table_names(other)) == [TABLE]
        assert len(_records(theirs, closed)) == 1
        dynamodb_bundle.delete_tables(other)


@pytest.mark.parametrize(("engine", "takes"), [("embedded", True), ("docker", False)])
def test_an_engine_is_asked(engine: str, takes: object, request: pytest.FixtureRequest) -> None:
    with closing(Wire(request.getfixturevalue(f"{engine}_pair").dynamodb)) as wire:
        assert dynamodb_bundle.takes_bundles(wire) is takes
