"""T1 to T7 on simulated records: the event that a handler receives."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from harness.streams.clock import SimulatedClock
from harness.streams.event import Source, to_lambda_event
from harness.streams.invocation import Invocation, Tumble, Window
from harness.streams.record import Record
from harness.streams.simulation.records import IMAGES, ViewType
from harness.streams.simulation.table import TableSimulation

NOW = 1_795_312_318.702
LABEL = "2026-11-22T01:51:58.702"
ARN = f"arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/{LABEL}"


def simulated(**options: Any) -> TableSimulation:
    given: dict[str, Any] = {"keys": ("pk",), "clock": SimulatedClock(at=NOW), "region": "eu-west-1"}
    return TableSimulation(**(given | options))


def delivered(table: TableSimulation) -> list[dict[str, Any]]:
    """Return the records as one event shows them."""
    event = to_lambda_event(
        table.records, Source(arn=ARN), seen_at=table.records[0]["dynamodb"]["ApproximateCreationDateTime"]
    )
    records: list[dict[str, Any]] = event["Records"]
    return records


def leaves(value: Any) -> set[type]:
    if isinstance(value, dict):
        return {type(key) for key in value} | {kind for inner in value.values() for kind in leaves(inner)}
    if isinstance(value, list):
        return {kind for inner in value for kind in leaves(inner)}
    return {type(value)}


def test_t01_binary_size_and_version() -> None:
    table = simulated(keys=("my_partition_key",), view_type="NEW_IMAGE")
    table.put_item({"my_partition_key": {"S": "hello world"}, "binary_key": {"B": b"foobar"}})
    (record,) = delivered(table)
    assert (record["eventName"], record["eventVersion"]) == ("INSERT", "1.1")
    assert record["dynamodb"]["NewImage"]["binary_key"]["B"] == "Zm9vYmFy"
    assert record["dynamodb"]["SizeBytes"] == 70
    assert "OldImage" not in record["dynamodb"]


def test_t02_creation_time_is_a_float_of_whole_seconds() -> None:
    table = simulated()
    table.put_item({"pk": {"S": "a"}})
    (record,) = delivered(table)
    created = record["dynamodb"]["ApproximateCreationDateTime"]
    assert isinstance(created, float)
    assert created.is_integer()
    assert 0 <= NOW - created < 1


@pytest.mark.parametrize(
    ("view", "images"),
    [
        ("KEYS_ONLY", [set(), set(), set()]),
        ("NEW_IMAGE", [{"NewImage"}, {"NewImage"}, set()]),
        ("OLD_IMAGE", [set(), {"OldImage"}, {"OldImage"}]),
        ("NEW_AND_OLD_IMAGES", [{"NewImage"}, {"NewImage", "OldImage"}, {"OldImage"}]),
    ],
)
def test_t03_images_of_each_view_type(view: ViewType, images: list[set[str]]) -> None:
    assert view in IMAGES
    table = simulated(view_type=view)
    table.put_item({"pk": {"S": "a"}, "n": {"N": "1"}})
    table.put_item({"pk": {"S": "a"}, "n": {"N": "2"}})
    table.delete_item({"pk": {"S": "a"}})
    records = delivered(table)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    always = {"ApproximateCreationDateTime", "Keys", "SequenceNumber", "SizeBytes", "StreamViewType"}
    assert [set(record["dynamodb"]) - always for record in records] == images
    assert {record["dynamodb"]["StreamViewType"] for record in records} == {view}


def test_t04_every_type_is_json() -> None:
    table = simulated()
    table.put_item(
        {
            "pk": {"S": "a"},
            "n": {"N": "1.50"},
            "b": {"B": b"\xfb\xff"},
            "bool": {"BOOL": True},
            "null": {"NULL": True},
            "l": {"L": [{"N": "1e2"}, {"B": b"x"}]},
            "m": {"M": {"ns": {"NS": ["2", "1"]}}},
            "ss": {"SS": ["b", "a"]},
            "ns": {"NS": ["10", "9"]},
            "bs": {"BS": [b"\x00", b"\xff"]},
        }
    )
    (record,) = delivered(table)
    assert json.loads(json.dumps(record)) == record
    assert leaves(record) <= {str, int, float, bool}
    assert not leaves(record) & {bytes, Decimal, set}
    image = record["dynamodb"]["NewImage"]
    assert (image["n"], image["b"], image["bs"]) == ({"N": "1.5"}, {"B": "+/8="}, {"BS": ["AA==", "/w=="]})
    assert (image["l"], image["m"]) == ({"L": [{"N": "100"}, {"B": "eA=="}]}, {"M": {"ns": {"NS": ["1", "2"]}}})
    assert (image["bool"], image["null"]) == ({"BOOL": True}, {"NULL": True})


def test_t05_deletion_by_time_to_live_is_signed_and_a_plain_one_is_not() -> None:
    table = simulated()
    table.put_item({"pk": {"S": "old"}, "exp": {"N": str(int(NOW) - 60)}})
    table.put_item({"pk": {"S": "plain"}})
    table.expire("exp")
    table.delete_item({"pk": {"S": "plain"}})
    *_, expired, deleted = delivered(table)
    assert (expired["eventName"], deleted["eventName"]) == ("REMOVE", "REMOVE")
    assert expired["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert "userIdentity" not in deleted


def test_t06_region_account_label_and_id() -> None:
    table = simulated(region="ddblocal")
    table.put_item({"pk": {"S": "a"}})
    local = f"arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/{LABEL}"
    source = Source(arn=local, region="ca-central-1", account="111122223333")
    stamp = table.records[0]["dynamodb"]["ApproximateCreationDateTime"]
    (record,) = to_lambda_event(table.records, source, seen_at=stamp)["Records"]
    assert record["awsRegion"] == "ca-central-1"
    assert record["eventSourceARN"] == f"arn:aws:dynamodb:ca-central-1:111122223333:table/t/stream/{LABEL}"
    assert re.fullmatch(r"[0-9a-f]{32}", record["eventID"])


@pytest.mark.parametrize("tumble", [None, Tumble(window=Window(start=0, end=30), state={"sum": [1]})])
def test_t07_a_handler_that_clears_its_event_leaves_the_retry_whole(tumble: Tumble | None) -> None:
    table = simulated()
    for name in "abc":
        table.put_item({"pk": {"S": name}, "l": {"L": [{"S": name}]}})
    records = tuple(Record.of("shard", data) for data in delivered(table))

    def handler(event: dict[str, Any]) -> None:
        event.get("state", {}).clear()
        event["Records"][0]["dynamodb"]["NewImage"]["l"]["L"].clear()
        event["Records"].clear()
        raise ValueError("after the damage")

    first = Invocation(lane=0, shard_id="shard", records=records, attempt=1, tumble=tumble)
    untouched = json.dumps(first.event(ARN))
    with pytest.raises(ValueError, match="after the damage"):
        handler(first.event(ARN))
    again = Invocation(lane=0, shard_id="shard", records=records, attempt=2, tumble=tumble).event(ARN)
    assert json.dumps(again) == untouched
    assert [record["dynamodb"]["NewImage"]["l"]["L"][0]["S"] for record in again["Records"]] == ["a", "b", "c"]
