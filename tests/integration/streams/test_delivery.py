"""Real stream records of each engine, as a handler receives them."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from harness.stores.clients import make_client
from harness.streams.event import Source
from harness.streams.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import Endpoints

_NUMBERS = count(778_000_000_001)


class Streamed:
    """A table with a stream, and a poller that keeps what it delivers."""

    def __init__(self, dynamodb: Any, streams: Any, view: str = "NEW_AND_OLD_IMAGES") -> None:
        self.dynamodb = dynamodb
        self.records: list[dict[str, Any]] = []
        table = dynamodb.create_table(
            TableName="streamed",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        )["TableDescription"]
        source = Source(arn=table["LatestStreamArn"], region="eu-west-1")
        self.poller = Poller(client=streams, source=source, handler=self.keep, batch_size=3)

    def keep(self, event: dict[str, Any], _context: object) -> None:
        json.dumps(event)
        self.records += event["Records"]

    def put(self, pk: str, **attributes: dict[str, Any]) -> None:
        self.dynamodb.put_item(TableName="streamed", Item={"pk": {"S": pk}} | attributes)

    def delete(self, pk: str) -> None:
        self.dynamodb.delete_item(TableName="streamed", Key={"pk": {"S": pk}})


@pytest.fixture
def clients(engine_pair: Endpoints) -> Iterator[tuple[Any, Any]]:
    endpoint = replace(engine_pair.dynamodb, access_key_id=str(next(_NUMBERS)))
    with closing(make_client(endpoint)) as dynamodb, closing(make_client(endpoint, "dynamodbstreams")) as streams:
        yield dynamodb, streams
        dynamodb.delete_table(TableName="streamed")


@pytest.mark.parametrize(
    ("view", "images"),
    [
        ("KEYS_ONLY", [set(), set(), set()]),
        ("NEW_IMAGE", [{"NewImage"}, {"NewImage"}, set()]),
        ("OLD_IMAGE", [set(), {"OldImage"}, {"OldImage"}]),
        ("NEW_AND_OLD_IMAGES", [{"NewImage"}, {"NewImage", "OldImage"}, {"OldImage"}]),
    ],
)
def test_images_follow_the_view_type(clients: tuple[Any, Any], view: str, images: list[set[str]]) -> None:
    table = Streamed(*clients, view=view)
    table.put("x", n={"N": "1"})
    table.put("x", n={"N": "2"})
    table.delete("x")
    table.poller.drain()
    assert [record["eventName"] for record in table.records] == ["INSERT", "MODIFY", "REMOVE"]
    assert [set(record["dynamodb"]) & {"NewImage", "OldImage"} for record in table.records] == images
    assert {record["dynamodb"]["StreamViewType"] for record in table.records} == {view}


def test_record_is_as_lambda_shows_it(clients: tuple[Any, Any]) -> None:
    table = Streamed(*clients)
    before = int(datetime.now(UTC).timestamp())
    table.put(
        "hello", binary_key={"B": b"foobar"}, ns={"NS": ["1", "2.50"]}, m={"M": {"deep": {"L": [{"B": b"\x00"}]}}}
    )
    table.poller.drain()
    (record,) = table.records
    change = record["dynamodb"]
    assert set(record) == {
        "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN"
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{32}", record["eventID"])
    assert (record["eventVersion"], record["eventSource"]) == ("1.1", "aws:dynamodb")
    region = record["awsRegion"]
    assert re.fullmatch(rf"arn:aws:dynamodb:{region}:\d{{12}}:table/streamed/stream/.+", record["eventSourceARN"])
    assert ":000000000000:" not in record["eventSourceARN"]
    assert region != "ddblocal"
    assert change["Keys"] == {"pk": {"S": "hello"}}
    assert change["NewImage"]["binary_key"] == {"B": "Zm9vYmFy"}
    assert sorted(change["NewImage"]["ns"]["NS"]) == ["1", "2.5"]
    assert change["NewImage"]["m"] == {"M": {"deep": {"L": [{"B": "AA=="}]}}}
    assert change["SizeBytes"] == (2 + 5) * 2 + (10 + 6) + (2 + 2 + 3) + (1 + 3 + 1 + 4 + 3 + 1 + 1)
    created = change["ApproximateCreationDateTime"]
    assert isinstance(created, float)
    assert created.is_integer()
    # Not in the future, and no earlier than the write, whichever precision the engine has.
    assert before <= created <= datetime.now(UTC).timestamp()
    assert re.fullmatch(r"\d{21,40}", change["SequenceNumber"])


def test_everything_is_delivered_once_and_in_order(clients: tuple[Any, Any]) -> None:
    table = Streamed(*clients)
    for number in range(8):
        table.put(f"{number}")
    assert (table.poller.drain().records, table.poller.drain().records) == (8, 0)
    table.put("8")
    table.poller.drain()
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in table.records] == [str(number) for number in range(9)]
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in table.records]
    assert numbers == sorted(set(numbers))


def test_writes_that_change_nothing_deliver_nothing(clients: tuple[Any, Any]) -> None:
    table = Streamed(*clients)
    table.put("x", n={"N": "1"})
    table.put("x", n={"N": "1"})
    table.delete("nobody")
    table.poller.drain()
    assert len(table.records) == 1
