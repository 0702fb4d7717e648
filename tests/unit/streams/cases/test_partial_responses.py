"""T40 to T47: what a function's answer means for its batch."""

from __future__ import annotations

import pytest

from harness.streams.clock import SimulatedClock
from harness.streams.simulation.stream import SimulatedStream
from tests.unit.streams.cases.stage import REPORTING, START, Stage, Told, change, reports, returns, sequence_number


@pytest.mark.parametrize("response", [None, {}, [], "", {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_t40_nothing_reported_is_success(response: object) -> None:
    stage = Stage(returns(response), **REPORTING).write(2).drain()
    assert (stage.invokes, stage.checkpoint) == ("1-2", 2)
    assert stage.cautions == []


@pytest.mark.parametrize(
    "entry", [{"itemIdentifier": ""}, {"itemIdentifier": None}, {"foo": 123}, {"foo": None}, {"itemIdentifier": 123}]
)
def test_t41_what_names_no_record_fails_the_batch(entry: object) -> None:
    told = Told()
    stage = Stage(returns({"batchItemFailures": [entry]}), maximum_retry_attempts=3, destination=told, **REPORTING)
    stage.write(2).drain()
    assert stage.invokes == "1-2 1-2 1-2 1-2"
    (record,) = told.records
    assert record["requestContext"]["approximateInvokeCount"] == 4
    assert record["responseContext"]["functionError"] is None


def test_t42_a_remainder_has_fresh_retries() -> None:
    told = Told()
    stage = Stage(reports(6), batch_size=3, maximum_retry_attempts=3, destination=told, **REPORTING).write(6).drain()
    assert (stage.invokes, stage.discards) == ("1-3 4-6 6 6 6 6", "6 (4)")
    (record,) = told.records
    assert record["requestContext"]["approximateInvokeCount"] == 4
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1


def test_t43_the_lowest_reported_record_counts() -> None:
    stage = Stage(reports(7, 3, times=1), **REPORTING).write(8).drain()
    assert stage.invokes == "1-8 3-8"


def test_t44_lowest_goes_by_number_not_by_text() -> None:
    numbers = ["9" * 21, "1" + "0" * 21]
    answers = iter([{"batchItemFailures": [{"itemIdentifier": number} for number in reversed(numbers)]}])
    stream = SimulatedStream(SimulatedClock(at=START))
    for number in ("9" * 20 + "8", *numbers):
        record = change(f"item {number}")
        record["dynamodb"]["SequenceNumber"] = number
        stream.put(record)
    stage = Stage(lambda _event, _context: next(answers, None), stream=stream, **REPORTING)
    stage.poll()
    (place,) = stage.kept.load(stage.poller.mapping.uuid, stream.arn).values()
    assert place.sequence_number == "9" * 20 + "8"
    sent = [record["dynamodb"]["SequenceNumber"] for record in stage.drain().events[1]["Records"]]
    assert sent == numbers


def test_t45_a_report_nobody_asked_for_is_success_and_warned_of() -> None:
    stage = Stage(reports(5)).write(8).drain()
    assert (stage.invokes, stage.checkpoint) == ("1-8", 8)
    (caution,) = stage.cautions
    assert (caution.code, caution.sequence_numbers) == ("failures-ignored", (sequence_number(5),))


def test_t46_what_lies_behind_a_reported_record_is_lost_with_it() -> None:
    stage = Stage(reports(5), maximum_retry_attempts=0, **REPORTING).write(8).drain()
    assert (stage.invokes, stage.discards) == ("1-8 5-8", "5-8 (1)")
    (caution,) = stage.cautions
    assert caution.code == "lost-behind-reported"
    assert caution.sequence_numbers == tuple(map(sequence_number, (6, 7, 8)))


def test_t47_a_reported_record_is_not_bisected() -> None:
    stage = Stage(reports(5, times=1), bisect_batch_on_function_error=True, **REPORTING).write(8).drain()
    assert stage.invokes == "1-8 5-8"
