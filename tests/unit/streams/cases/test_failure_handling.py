"""T23 to T32 and T36 to T39: what fails, is tried again and given up; and what a stream may do meanwhile."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from harness.streams.clock import SimulatedClock
from harness.streams.destination.s3 import BucketDestination
from harness.streams.emulation import Emulation
from harness.streams.faults import FaultyFunction
from harness.streams.simulation.stream import SimulatedStream
from tests.unit.streams.cases.stage import REPORTING, START, Stage, Told, raises, reports, sequence_number
from tests.unit.streams.reading.small import Watched

PATIENT = Emulation(on_stuck="retry")


def exhausted(told: Told) -> Stage:
    """T23: the first record is given up after a retry, then comes the next."""
    return Stage(raises(1), batch_size=1, maximum_retry_attempts=1, destination=told).write(2).drain()


def test_t23_retries_run_out_and_the_destination_is_told() -> None:
    told = Told()
    stage = exhausted(told)
    assert (stage.invokes, stage.discards) == ("1 1 2", "1 (2)")
    (record,) = told.records
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestContext"]["requestId"] == stage.calls[1].result.request_id
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    batch = record["DDBStreamBatchInfo"]
    assert (batch["batchSize"], batch["streamArn"]) == (1, stage.stream.arn)
    for name in ("approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", batch[name])


def test_t24_a_poisoned_batch_is_given_up_whole() -> None:
    stage = Stage(raises(5), batch_size=4, maximum_retry_attempts=2).write(8).drain()
    assert (stage.invokes, stage.discards) == ("1-4 5-8 5-8 5-8", "5-8 (3)")


def test_t25_without_limit_a_batch_is_tried_until_it_succeeds() -> None:
    stage = Stage(raises(times=3), batch_size=2).write(4).drain()
    assert (stage.invokes, stage.discards) == ("1-2 1-2 1-2 1-2 3-4", "")


def test_t26_throttling_uses_up_no_retry() -> None:
    left = iter(range(5))

    def throttled(_event: object) -> bool:
        return next(left, None) is not None

    stage = Stage(
        maximum_retry_attempts=0, around=lambda function: FaultyFunction(function=function, throttled=throttled)
    )
    stage.write().drain()
    assert (stage.invokes, stage.discards) == ("1", "")
    assert [call.settled.verdict for call in stage.calls] == ["waiting"] * 5 + ["success"]


def test_t27_bisecting_finds_the_poison() -> None:
    stage = Stage(raises(5), batch_size=8, maximum_retry_attempts=0, bisect_batch_on_function_error=True)
    stage.write(8).drain()
    assert (stage.invokes, stage.discards) == ("1-8 1-4 5-8 5-6 5 6 7-8", "5 (1)")
    handled = [record.sequence_number for call in stage.calls for record in call.settled.handled]
    assert handled == [sequence_number(number) for number in (1, 2, 3, 4, 6, 7, 8)]


def test_t28_what_is_bisected_to_one_has_its_own_retries() -> None:
    stage = Stage(raises(5), batch_size=8, maximum_retry_attempts=1, bisect_batch_on_function_error=True)
    stage.write(8).drain()
    assert (stage.invokes, stage.discards) == ("1-8 1-4 5-8 5-6 5 5 6 7-8", "5 (2)")


def test_t29_what_is_too_old_is_never_sent() -> None:
    told = Told()
    before = Stage().write()
    before.clock.wait(61)
    stage = Stage(over=before, batch_size=10, maximum_record_age_in_seconds=60, destination=told).write(5).drain()
    assert (stage.invokes, stage.discards) == ("2-6", "1 (1)")
    (record,) = told.records
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert "responseContext" not in record
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1


def test_t30_what_grows_too_old_is_given_up() -> None:
    told = Told()
    stage = Stage(
        raises(),
        maximum_record_age_in_seconds=60,
        destination=told,
        emulation=Emulation(on_stuck="retry", time_scale=1.0),
    )
    stage.write().drain()
    assert stage.clock.now() > START + 60
    assert len(stage.events) > 1
    (record,) = told.records
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == len(stage.events)


class Bucket:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, **parameters: Any) -> None:
        self.objects[parameters["Key"]] = parameters["Body"]


def test_t31_a_bucket_gets_the_event_too() -> None:
    bucket, arn = Bucket(), "arn:aws:s3:::discarded"
    destination = BucketDestination(client=bucket, arn=arn, mapping_uuid="the-uuid")
    stage = Stage(raises(), maximum_retry_attempts=0, destination=destination).write(2).drain()
    ((key, body),) = bucket.objects.items()
    (shard,) = stage.stream.open_shards
    day, instant = r"2027/01/15", r"2027-01-15T08\.00\.00"
    assert re.fullmatch(rf"aws/lambda/the-uuid/{shard}/{day}/{instant}-[0-9a-f-]{{36}}", key)
    assert json.loads(json.loads(body)["payload"]) == stage.events[-1]


def test_t32_a_failure_record_leads_back_to_its_records() -> None:
    told = Told()
    stage = exhausted(told)
    batch = told.records[0]["DDBStreamBatchInfo"]
    iterator = stage.stream.get_shard_iterator(
        StreamArn=batch["streamArn"],
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"],
    )["ShardIterator"]
    page = stage.stream.get_records(ShardIterator=iterator, Limit=batch["batchSize"])
    assert [record["dynamodb"]["SequenceNumber"] for record in page["Records"]] == [sequence_number(1)]


@pytest.mark.parametrize("destination", [None, Told()])
def test_t36_discards_are_counted_by_who_was_told(destination: Told | None) -> None:
    stage = Stage(raises(), maximum_retry_attempts=0, destination=destination).write(3).drain()
    dropped, delivered = (3, 0) if destination is None else (0, 3)
    assert stage.metrics["DroppedEventCount"] == dropped
    assert stage.metrics["OnFailureDestinationDeliveredEventCount"] == delivered


def rolled(stage: Stage) -> Stage:
    """Two records, the shard closes, and two more in its child."""
    stage.write(2)
    stage.stream.close_shard(stage.stream.open_shards[0])
    return stage.write(2)


def test_t37_a_child_comes_after_its_parent() -> None:
    assert rolled(Stage(starting_position="LATEST")).drain().invokes == "1-2 3-4"


def test_t37_a_parent_that_fails_holds_its_child_back() -> None:
    stage = rolled(Stage(raises(1), starting_position="LATEST", emulation=PATIENT))
    stage.poll(times=5)
    assert stage.invokes == " ".join(["1-2"] * 5)
    child = Stage(reports(2, times=3), **REPORTING)
    assert rolled(child).drain().invokes == "1-2 2 2 2 3-4"


def test_t38_an_expired_iterator_is_replaced() -> None:
    clock = SimulatedClock(at=START)
    stream = Watched(clock)
    stage = Stage(clock=clock, stream=stream, batch_size=2)
    stage.write(3).poll(times=3)
    clock.wait(16 * 60)
    stage.write(2).poll(times=3)
    assert stage.invokes == "1-2 3 4-5"
    assert "AFTER_SEQUENCE_NUMBER" in stream.calls


def test_t39_a_recreated_stream_has_no_stale_checkpoint() -> None:
    before = Stage().write(3).drain()
    before.clock.wait(5)
    again = Stage(over=before, stream=SimulatedStream(before.clock)).write(2).drain()
    assert before.stream.arn != again.stream.arn
    assert again.invokes == "1-2"
