"""The event that a handler receives, field by field."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.streams.event import Source, canonical_number, to_lambda_event, to_lambda_record
from tests.unit.streams.fake_streams import ARN, STAMP, stream_record

SOURCE = Source(arn=ARN, region="eu-west-1")
EVERY_TYPE = {
    "s": {"S": ""},
    "n": {"N": "1E+3"},
    "b": {"B": b"\xfb\xff foobar"},
    "bool": {"BOOL": False},
    "null": {"NULL": True},
    "ss": {"SS": ["b", "a"]},
    "ns": {"NS": ["1", "2.50"]},
    "bs": {"BS": [b"a", b"\x00"]},
    "l": {"L": [{"N": "00012"}, {"M": {"x": {"B": b"foobar"}}}]},
    "m": {"M": {"deep": {"L": [{"N": "-0"}, {"NULL": True}]}}},
}


def convert(record: dict[str, Any], source: Source = SOURCE, seen_at: datetime = STAMP) -> dict[str, Any]:
    (converted,) = to_lambda_event([record], source, seen_at=seen_at)["Records"]
    assert isinstance(converted, dict)
    return converted


def with_change(**change: Any) -> dict[str, Any]:
    record = stream_record(7)
    return record | {"dynamodb": record["dynamodb"] | change}


def test_whole_record() -> None:
    keys = {"my_partition_key": {"S": "hello world"}}
    record = with_change(Keys=keys, NewImage=keys | {"binary_key": {"B": b"foobar"}})
    assert convert(record) == {
        "eventID": "58d755f3d095459686c3000000000007",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": STAMP.timestamp(),
            "Keys": keys,
            "NewImage": keys | {"binary_key": {"B": "Zm9vYmFy"}},
            "SequenceNumber": "000000000000000000007",
            "SizeBytes": 70,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/2026-11-22T01:51:58.702",
    }


def test_every_type_becomes_json() -> None:
    image = convert(with_change(NewImage=EVERY_TYPE))["dynamodb"]["NewImage"]
    assert image == {
        "s": {"S": ""},
        "n": {"N": "1000"},
        "b": {"B": "+/8gZm9vYmFy"},
        "bool": {"BOOL": False},
        "null": {"NULL": True},
        "ss": {"SS": ["b", "a"]},
        "ns": {"NS": ["1", "2.5"]},
        "bs": {"BS": ["YQ==", "AA=="]},
        "l": {"L": [{"N": "12"}, {"M": {"x": {"B": "Zm9vYmFy"}}}]},
        "m": {"M": {"deep": {"L": [{"N": "0"}, {"NULL": True}]}}},
    }


def test_event_is_made_of_fresh_objects() -> None:
    record = stream_record(1)
    convert(record)["dynamodb"]["Keys"]["pk"]["S"] = "changed"
    assert record["dynamodb"]["Keys"]["pk"]["S"] == "MSG#1"


@pytest.mark.parametrize("missing", [("NewImage",), ("OldImage",), ("NewImage", "OldImage")])
def test_absent_images_are_missing_keys(missing: tuple[str, ...]) -> None:
    record = with_change(OldImage={"pk": {"S": "x"}})
    for name in missing:
        del record["dynamodb"][name]
    change = convert(record)["dynamodb"]
    assert not set(missing) & set(change)
    assert {"NewImage", "OldImage"} - set(missing) <= set(change)


def test_deletion_by_time_to_live_names_the_service_in_lower_case() -> None:
    record = stream_record(1) | {"userIdentity": {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}}
    assert convert(record)["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
    assert "userIdentity" not in convert(stream_record(1))


def test_real_region_and_account_stay() -> None:
    arn = "arn:aws:dynamodb:ap-south-1:777000000001:table/t/stream/2026-11-22T01:51:58.702"
    converted = convert(stream_record(1) | {"awsRegion": "ap-south-1"}, Source(arn=arn, region="eu-west-1"))
    assert converted["eventSourceARN"] == arn
    assert converted["awsRegion"] == "ap-south-1"


@pytest.mark.parametrize(("seen", "second"), [(0, 0), (-30, 0), (18.7, 18), (59.9, 59), (60, 59), (3600, 59)], ids=str)
def test_minute_of_dynamodb_local_becomes_the_second_it_was_seen(seen: float, second: int) -> None:
    created = convert(stream_record(1), seen_at=STAMP + timedelta(seconds=seen))["dynamodb"][
        "ApproximateCreationDateTime"
    ]
    assert isinstance(created, float)
    assert created == STAMP.timestamp() + second


def test_other_engines_seconds_are_kept_whatever_the_zone() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    stamp = datetime(2026, 11, 22, 7, 21, 58, 700_000, tzinfo=kolkata)
    record = with_change(ApproximateCreationDateTime=stamp) | {"awsRegion": "us-east-1"}
    created = convert(record, seen_at=STAMP + timedelta(days=1))["dynamodb"]["ApproximateCreationDateTime"]
    assert created == datetime(2026, 11, 22, 1, 51, 58, tzinfo=UTC).timestamp()


def test_redelivered_record_has_the_same_id() -> None:
    first, again = convert(stream_record(1)), convert(stream_record(1))
    assert first["eventID"] == again["eventID"] != convert(stream_record(2))["eventID"]
    assert re.fullmatch(r"[0-9a-f]{32}", first["eventID"])


@pytest.mark.parametrize(
    ("text", "canonical"), [("1e3", "1000"), ("0.0010", "0.001"), ("-0", "0"), ("1E-7", "0.0000001"), ("-2.50", "-2.5")]
)
def test_numbers_are_written_plainly(text: str, canonical: str) -> None:
    assert canonical_number(text) == canonical


VALUES = st.recursive(
    st.one_of(
        st.text().map(lambda text: {"S": text}),
        st.binary().map(lambda content: {"B": content}),
        st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9).map(
            lambda number: {"N": str(number)}
        ),
        st.booleans().map(lambda flag: {"BOOL": flag}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda found: {"L": found}),
        st.dictionaries(st.text(max_size=5), inner, max_size=3).map(lambda found: {"M": found}),
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4))
def test_any_image_is_json_and_converts_twice_to_the_same(image: dict[str, Any]) -> None:
    record = with_change(NewImage=image)
    first = to_lambda_record(record, SOURCE, seen_at=STAMP)
    assert json.loads(json.dumps(first)) == first == to_lambda_record(record, SOURCE, seen_at=STAMP)
