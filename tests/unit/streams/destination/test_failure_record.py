"""What AWS tells of discarded records."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.streams.destination.failure_record import discarded_event, failure_record
from harness.streams.invocation import Invocation, Tumble, Window
from tests.unit.streams.destination.shapes import FUNCTION, SHARD, STREAM, a_discard, a_record


def told(discard: Any, *, now: float = 1573690429.7179, version: str = "$LATEST") -> dict[str, Any]:
    return failure_record(discard, function_arn=FUNCTION, function_version=version, stream_arn=STREAM, now=now)


def test_t23_retries_ran_out() -> None:
    assert told(a_discard(a_record(800000000003126276362))) == {
        "requestContext": {
            "requestId": "r-2",
            "functionArn": FUNCTION,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 2,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2019-11-14T00:13:49.717Z",
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": "800000000003126276362",
            "endSequenceNumber": "800000000003126276362",
            "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
            "approximateArrivalOfLastRecord": "2019-11-14T00:13:19Z",
            "batchSize": 1,
            "streamArn": STREAM,
        },
    }


def test_reported_failures_are_no_function_error_and_a_number_is_a_version() -> None:
    context = told(a_discard(a_record(1), function_error=None), version="7")["responseContext"]
    assert context == {"statusCode": 200, "executedVersion": "7", "functionError": None}


@pytest.mark.parametrize("request_id", [None, "r-8"])
def test_expired_records_have_no_response(request_id: str | None) -> None:
    discard = a_discard(a_record(1), condition="RecordAgeExceeded", invokes=8, request_id=request_id)
    record = told(discard)
    assert "responseContext" not in record
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 8


def test_request_id_without_a_call_is_made_of_what_is_discarded() -> None:
    def request_id(*numbers: int) -> str:
        records = [a_record(number) for number in numbers]
        discard = a_discard(*records, condition="RecordAgeExceeded", request_id=None, invocation=None)
        made: str = told(discard)["requestContext"]["requestId"]
        return made

    assert request_id(1, 2) == request_id(1, 2)
    assert len({request_id(1), request_id(2), request_id(1, 2)}) == 3
    assert [len(part) for part in request_id(1).split("-")] == [8, 4, 4, 4, 12]


@settings(max_examples=50, deadline=None)
@given(numbers=st.lists(st.integers(1, 10**39), min_size=1, max_size=6, unique=True))
def test_range_is_numeric_and_arrivals_go_with_it(numbers: list[int]) -> None:
    records = [a_record(number, created_at=float(index * 60)) for index, number in enumerate(numbers)]
    info = told(a_discard(*records))["DDBStreamBatchInfo"]
    low, high = min(numbers), max(numbers)
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == (
        str(low),
        str(high),
        len(numbers),
    )
    assert info["approximateArrivalOfFirstRecord"] == f"1970-01-01T00:{numbers.index(low):02}:00Z"
    assert info["approximateArrivalOfLastRecord"] == f"1970-01-01T00:{numbers.index(high):02}:00Z"


def test_arrivals_are_whole_seconds_also_where_an_engine_knows_better() -> None:
    info = told(a_discard(a_record(1, created_at=1573690399.999)))["DDBStreamBatchInfo"]
    assert info["approximateArrivalOfFirstRecord"] == "2019-11-14T00:13:19Z"


def test_time_stamp_has_milliseconds_also_where_they_are_nought() -> None:
    assert told(a_discard(a_record(1)), now=0.0)["timestamp"] == "1970-01-01T00:00:00.000Z"


def windowed(*numbers: int, final: bool) -> Invocation:
    tumble = Tumble(window=Window(start=30, end=60), state={"n": 1}, final=final)
    return Invocation(
        lane=0, shard_id=SHARD, records=tuple(a_record(number) for number in numbers), attempt=2, tumble=tumble
    )


def test_window_is_told() -> None:
    invocation = windowed(1, 2, final=False)
    record = told(a_discard(*invocation.records, invocation=invocation))
    assert record["timeWindowInfo"] == {
        "window": {"start": "1970-01-01T00:00:30Z", "end": "1970-01-01T00:01:00Z"},
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }
    assert record["DDBStreamBatchInfo"]["batchSize"] == 2


def test_final_call_of_a_window_has_no_range() -> None:
    record = told(a_discard(invocation=windowed(final=True)))
    assert record["timeWindowInfo"]["isFinalInvokeForWindow"] is True
    assert record["DDBStreamBatchInfo"] == {"shardId": SHARD, "streamArn": STREAM}


def test_event_is_that_of_the_last_call() -> None:
    invocation = windowed(1, 2, final=False)
    discard = a_discard(*invocation.records, invocation=invocation)
    assert discarded_event(discard, stream_arn=STREAM) == invocation.event(STREAM)


@pytest.mark.parametrize("called", [True, False])
def test_event_has_no_more_than_is_discarded(*, called: bool) -> None:
    records = (a_record(1), a_record(2), a_record(3))
    invocation = Invocation(lane=0, shard_id=SHARD, records=records, attempt=2) if called else None
    discard = a_discard(*records[:2], condition="RecordAgeExceeded", invocation=invocation)
    assert discarded_event(discard, stream_arn=STREAM) == {"Records": [record.data for record in records[:2]]}
