"""Real stream records of each engine, as a poller hands them to a handler."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.streams.attached import NAME, Handler, Table, streamed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.endpoint import Endpoints


@pytest.fixture
def table(engine_pair: Endpoints, tmp_path: Path) -> Iterator[Table]:
    with streamed(engine_pair, tmp_path) as made:
        yield made


def writable(records: list[dict[str, Any]]) -> None:
    """Fail where an event holds what JSON has not."""
    json.dumps(records)


@pytest.mark.parametrize(
    ("view", "images"),
    [
        ("KEYS_ONLY", [set(), set(), set()]),
        ("NEW_IMAGE", [{"NewImage"}, {"NewImage"}, set()]),
        ("OLD_IMAGE", [set(), {"OldImage"}, {"OldImage"}]),
        ("NEW_AND_OLD_IMAGES", [{"NewImage"}, {"NewImage", "OldImage"}, {"OldImage"}]),
    ],
)
def test_images_follow_the_view_type(engine_pair: Endpoints, tmp_path: Path, view: str, images: list[set[str]]) -> None:
    handler = Handler(writable)
    with streamed(engine_pair, tmp_path, view=view) as table:
        table.put("x", n={"N": "1"})
        table.put("x", n={"N": "2"})
        table.delete("x")
        table.deliver(handler)
    assert [record["eventName"] for record in handler.records] == ["INSERT", "MODIFY", "REMOVE"]
    assert [set(record["dynamodb"]) & {"NewImage", "OldImage"} for record in handler.records] == images
    assert {record["dynamodb"]["StreamViewType"] for record in handler.records} == {view}


def test_record_is_as_lambda_shows_it(table: Table) -> None:
    handler = Handler(writable)
    before = int(datetime.now(UTC).timestamp())
    table.put(
        "hello", binary_key={"B": b"foobar"}, ns={"NS": ["1", "2.50"]}, m={"M": {"deep": {"L": [{"B": b"\x00"}]}}}
    )
    table.deliver(handler)
    (record,) = handler.records
    change = record["dynamodb"]
    assert set(record) == {
        "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN"
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{32}", record["eventID"])
    assert (record["eventVersion"], record["eventSource"]) == ("1.1", "aws:dynamodb")
    region = record["awsRegion"]
    assert re.fullmatch(rf"arn:aws:dynamodb:{region}:\d{{12}}:table/{NAME}/stream/.+", record["eventSourceARN"])
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


def test_everything_is_delivered_once_and_in_order(table: Table) -> None:
    handler = Handler(writable)
    names = [str(number) for number in range(9)]
    with table.attach(handler, BatchSize=3) as attached:
        table.put(*names[:8])
        assert (attached.poller.drain().records, attached.poller.drain().records) == (8, 0)
        table.put(names[8])
        attached.poller.drain()
    assert handler.names == names
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in handler.records]
    assert numbers == sorted(set(numbers))


def test_writes_that_change_nothing_deliver_nothing(table: Table) -> None:
    handler = Handler(writable)
    table.put("x", n={"N": "1"})
    table.put("x", n={"N": "1"})
    table.delete("nobody")
    table.deliver(handler)
    assert len(handler.records) == 1
