"""The stream in memory keeps DynamoDB Streams' rules; tests/integration/streams holds it against the engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harness.stores.streams_api import ExpiredIterator, StreamGone, TrimmedData, Unreachable
from harness.streams.clock import SimulatedClock
from harness.streams.simulation.shard import RETENTION, Refused
from harness.streams.simulation.stream import SimulatedStream

NOON = 1_800_000_000.0


def change(name: str, number: str | None = None) -> dict[str, Any]:
    given = {"SequenceNumber": number} if number else {}
    return {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": name}}, **given}}


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(at=NOON)


@pytest.fixture
def stream(clock: SimulatedClock) -> SimulatedStream:
    return SimulatedStream(clock)


def iterator(stream: SimulatedStream, kind: str = "TRIM_HORIZON", number: str = "", shard: str = "") -> str:
    given = {"SequenceNumber": number} if number else {}
    answer = stream.get_shard_iterator(
        StreamArn=stream.arn, ShardId=shard or stream.open_shards[0], ShardIteratorType=kind, **given
    )
    return str(answer["ShardIterator"])


def page(stream: SimulatedStream, at: str, **limit: int) -> tuple[list[str], str | None]:
    answer = stream.get_records(ShardIterator=at, **limit)
    return [each["dynamodb"]["Keys"]["pk"]["S"] for each in answer["Records"]], answer.get("NextShardIterator")


def shards(stream: SimulatedStream, **parameters: Any) -> dict[str, Any]:
    description: dict[str, Any] = stream.describe_stream(StreamArn=stream.arn, **parameters)["StreamDescription"]
    return description


def test_record_is_given_what_it_misses(stream: SimulatedStream) -> None:
    number = stream.put(change("a"))
    (record,) = stream.get_records(ShardIterator=iterator(stream))["Records"]
    assert len(number) == 21
    assert len(record.pop("eventID")) == 32
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime.fromtimestamp(NOON, UTC),
            "Keys": {"pk": {"S": "a"}},
            "SequenceNumber": number,
            "SizeBytes": 0,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def test_what_the_record_says_itself_counts(stream: SimulatedStream) -> None:
    record = change("a", "800000000000000000042") | {"eventID": "x", "awsRegion": "eu-west-1"}
    assert stream.put(record) == "800000000000000000042"
    assert stream.put(change("b")) == "800000000000000000043"
    record["dynamodb"]["Keys"].clear()
    first, _ = stream.get_records(ShardIterator=iterator(stream))["Records"]
    assert (first["eventID"], first["awsRegion"], first["dynamodb"]["Keys"]) == ("x", "eu-west-1", {"pk": {"S": "a"}})


@pytest.mark.parametrize("number", ["800000000000000000042", "800000000000000000041", "99"])
def test_numbers_that_do_not_rise_are_refused(stream: SimulatedStream, number: str) -> None:
    stream.put(change("a", "800000000000000000042"))
    with pytest.raises(Refused, match="numbers rise"):
        stream.put(change("b", number))


def test_each_kind_of_iterator_has_its_place(stream: SimulatedStream) -> None:
    _, second, third = (stream.put(change(each)) for each in "abc")
    latest = iterator(stream, "LATEST")
    stream.put(change("d"))
    assert page(stream, iterator(stream))[0] == ["a", "b", "c", "d"]
    assert page(stream, iterator(stream, "AT_SEQUENCE_NUMBER", second))[0] == ["b", "c", "d"]
    assert page(stream, iterator(stream, "AFTER_SEQUENCE_NUMBER", third))[0] == ["d"]
    assert page(stream, iterator(stream, "AFTER_SEQUENCE_NUMBER", f"{10**30}"))[0] == []
    assert page(stream, latest)[0] == ["d"], "where it was when the iterator was issued"


def test_pages_follow_each_other_and_an_iterator_can_be_used_again(stream: SimulatedStream) -> None:
    for each in "abc":
        stream.put(change(each))
    first = iterator(stream)
    names, following = page(stream, first, Limit=2)
    assert (names, page(stream, first, Limit=2)[0]) == (["a", "b"], ["a", "b"])
    assert following
    names, following = page(stream, following, Limit=2)
    assert names == ["c"]
    assert following
    assert page(stream, following)[0] == []


@pytest.mark.parametrize("limit", [0, 1001])
def test_limits_that_aws_refuses_are_refused(stream: SimulatedStream, limit: int) -> None:
    with pytest.raises(Refused, match="between 1 and 1000"):
        page(stream, iterator(stream), Limit=limit)


@pytest.mark.parametrize(
    ("kind", "number"),
    [("AT_TIMESTAMP", ""), ("AFTER_SEQUENCE_NUMBER", ""), ("AT_SEQUENCE_NUMBER", ""), ("AT_SEQUENCE_NUMBER", "0")],
)
def test_iterators_that_make_no_sense_are_refused(stream: SimulatedStream, kind: str, number: str) -> None:
    with pytest.raises(Refused, match=r"Invalid S"):
        iterator(stream, kind, number)


@pytest.mark.parametrize("text", ["x", "", "bm8=", "W10=", "NQ=="])
def test_iterator_that_is_none_is_refused(stream: SimulatedStream, text: str) -> None:
    with pytest.raises(Refused, match="Invalid ShardIterator"):
        page(stream, text)


def test_iterator_lives_15_minutes(stream: SimulatedStream, clock: SimulatedClock) -> None:
    at = iterator(stream)
    clock.wait(899)
    _, following = page(stream, at)
    clock.wait(2)
    with pytest.raises(ExpiredIterator):
        page(stream, at)
    assert page(stream, following or "") != ([], None), "each answer brings a fresh one"


def test_records_are_kept_for_24_hours(stream: SimulatedStream, clock: SimulatedClock) -> None:
    first = stream.put(change("a"))
    clock.wait(RETENTION - 1)
    second = stream.put(change("b"))
    assert page(stream, iterator(stream))[0] == ["a", "b"]
    at = iterator(stream)
    clock.wait(2)
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        with pytest.raises(TrimmedData):
            iterator(stream, kind, first)
    with pytest.raises(TrimmedData):
        page(stream, at)
    assert page(stream, iterator(stream))[0] == ["b"]
    assert page(stream, iterator(stream, "AFTER_SEQUENCE_NUMBER", second))[0] == []


def test_shard_without_a_record_left_has_no_trim_horizon(stream: SimulatedStream, clock: SimulatedClock) -> None:
    stream.put(change("a"))
    clock.wait(RETENTION + 1)
    with pytest.raises(TrimmedData):
        iterator(stream)
    at = iterator(stream, "LATEST")
    stream.put(change("b"))
    assert (page(stream, at)[0], page(stream, iterator(stream))[0]) == (["b"], ["b"])


def test_shard_that_closes_ends_and_its_child_goes_on(stream: SimulatedStream) -> None:
    (parent,) = stream.open_shards
    at = iterator(stream)
    first = stream.put(change("a"))
    (child,) = stream.close_shard(parent)
    stream.put(change("b"))
    assert page(stream, at) == (["a"], None)
    assert page(stream, iterator(stream, "LATEST", shard=parent)) == ([], None)
    assert page(stream, iterator(stream, shard=child))[0] == ["b"]
    old, new = shards(stream)["Shards"]
    assert (old["ShardId"], new["ShardId"], new["ParentShardId"]) == (parent, child, parent)
    assert int(old["SequenceNumberRange"]["EndingSequenceNumber"]) == int(first)
    assert int(new["SequenceNumberRange"]["StartingSequenceNumber"]) > int(first)
    assert "EndingSequenceNumber" not in new["SequenceNumberRange"]
    assert "ParentShardId" not in old
    with pytest.raises(Refused, match="Invalid SequenceNumber for the shard"):
        iterator(stream, "AFTER_SEQUENCE_NUMBER", first, child)
    with pytest.raises(Refused, match=f"no open shard {parent}"):
        stream.put(change("c"), parent)


def test_last_page_of_a_closed_shard_comes_with_its_end(stream: SimulatedStream) -> None:
    for each in "ab":
        stream.put(change(each))
    at = iterator(stream)
    stream.close_shard(stream.open_shards[0])
    _, following = page(stream, at, Limit=1)
    assert page(stream, following or "", Limit=1) == (["b"], None)


def test_idle_shard_can_be_closed(stream: SimulatedStream) -> None:
    (parent,) = stream.open_shards
    at = iterator(stream)
    stream.split(parent)
    assert page(stream, at) == ([], None)
    assert [each.get("ParentShardId") for each in shards(stream)["Shards"]] == [None, parent, parent]


def test_items_stay_in_their_line_of_shards(clock: SimulatedClock) -> None:
    stream = SimulatedStream(clock, shards=3)
    lines: dict[str, list[str]] = {}
    for generation in range(3):
        for each in range(40):
            stream.put(change(f"{each}"))
        if generation < 2:
            for shard in stream.open_shards:
                stream.split(shard)
    parents = {each["ShardId"]: each.get("ParentShardId") for each in shards(stream)["Shards"]}
    for shard_id in parents:
        for name in page(stream, iterator(stream, shard=shard_id))[0]:
            lines.setdefault(name, []).append(shard_id)
    assert len(stream.open_shards) == 12
    assert len(lines) == 40
    for first, second, third in lines.values():
        assert (parents[third], parents[second], parents[first]) == (second, first, None)


def test_closed_shard_is_forgotten_after_24_hours(stream: SimulatedStream, clock: SimulatedClock) -> None:
    (parent,) = stream.open_shards
    (child,) = stream.close_shard(parent)
    clock.wait(RETENTION + 1)
    (left,) = shards(stream)["Shards"]
    assert (left["ShardId"], left["ParentShardId"]) == (child, parent)
    with pytest.raises(StreamGone, match="Shard does not exist"):
        iterator(stream, shard=parent)


def test_list_of_shards_comes_in_pages(clock: SimulatedClock) -> None:
    stream = SimulatedStream(clock, shards=3)
    first = shards(stream, Limit=2)
    second = shards(stream, Limit=2, ExclusiveStartShardId=first["LastEvaluatedShardId"])
    assert [len(first["Shards"]), len(second["Shards"])] == [2, 1]
    assert "LastEvaluatedShardId" not in second


def test_stream_that_is_off_is_readable_for_24_hours(stream: SimulatedStream, clock: SimulatedClock) -> None:
    stream.put(change("a"))
    stream.disable()
    (shard,) = shards(stream)["Shards"]
    assert (shards(stream)["StreamStatus"], stream.open_shards) == ("DISABLED", ())
    assert page(stream, iterator(stream, shard=shard["ShardId"])) == (["a"], None)
    with pytest.raises(Refused, match="open: none"):
        stream.put(change("b"))
    clock.wait(RETENTION + 1)
    with pytest.raises(StreamGone):
        shards(stream)


def test_unreachable_engine_answers_nothing(stream: SimulatedStream) -> None:
    at = iterator(stream)
    stream.unreachable = True
    for call in (lambda: shards(stream), lambda: iterator(stream), lambda: page(stream, at)):
        with pytest.raises(Unreachable):
            call()
    stream.unreachable = False
    assert page(stream, at)[0] == []


def test_only_its_own_name_is_answered(stream: SimulatedStream) -> None:
    with pytest.raises(StreamGone, match="another not found"):
        stream.describe_stream(StreamArn="another")
