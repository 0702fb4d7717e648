"""What CloudWatch would show of a mapping."""

from __future__ import annotations

from typing import Any

import pytest

from harness.streams.delivery.decision import Settled, Verdict
from harness.streams.invocation import Invocation, Result
from harness.streams.metrics import Metrics
from tests.unit.streams.destination.shapes import SHARD, a_record

NOTHING = {
    "PolledEventCount": 0,
    "FilteredOutEventCount": 0,
    "InvokedEventCount": 0,
    "FailedInvokeEventCount": 0,
    "DroppedEventCount": 0,
    "OnFailureDestinationDeliveredEventCount": 0,
    "DestinationDeliveryFailures": 0,
    "IteratorAge": None,
}
BATCH = Invocation(
    lane=0, shard_id=SHARD, records=(a_record(98, created_at=10.0), a_record(99, created_at=20.0)), attempt=1
)


def called(response: Any, verdict: Verdict, *, outcome: Any = "returned", metrics: Metrics | None = None) -> Any:
    metrics = metrics or Metrics()
    result = Result(outcome=outcome, request_id="r", response=response)
    metrics.invoked(BATCH, result, Settled(verdict=verdict), now=20.5)
    return metrics.snapshot()


def test_nothing_happened() -> None:
    assert Metrics().snapshot() == NOTHING


def test_looks_at_the_stream_add_up() -> None:
    metrics = Metrics()
    metrics.polled(5, filtered_out=2)
    metrics.polled(0)
    metrics.polled(3, filtered_out=3)
    assert metrics.snapshot() == NOTHING | {"PolledEventCount": 8, "FilteredOutEventCount": 5}


def test_attempts_count_anew() -> None:
    metrics = Metrics()
    called(None, "function_error", outcome="function_error", metrics=metrics)
    shown = called(None, "success", metrics=metrics)
    assert (shown["InvokedEventCount"], shown["FailedInvokeEventCount"]) == (4, 2)


@pytest.mark.parametrize(
    ("response", "verdict", "failed"),
    [
        ({"batchItemFailures": [{"itemIdentifier": "99"}]}, "success", 0),
        ({"batchItemFailures": [{"itemIdentifier": "99"}]}, "partial", 1),
        ({"batchItemFailures": [{"itemIdentifier": "98"}]}, "failure", 1),
        ({"batchItemFailures": [{"itemIdentifier": "98"}, {"itemIdentifier": "98"}]}, "failure", 1),
        ({"batchItemFailures": [{"itemIdentifier": "99"}, {"itemIdentifier": "1"}]}, "failure", 2),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, "failure", 2),
        ({"batchItemFailures": [{"itemIdentifier": {}}, 7]}, "failure", 2),
        ({"batchItemFailures": 7}, "failure", 2),
        ({}, "failure", 2),
        ({"batchItemFailures": [{"itemIdentifier": "99"}]}, "function_error", 2),
        (None, "waiting", 2),
    ],
)
def test_failed_are_those_reported_or_else_all(response: Any, verdict: Verdict, failed: int) -> None:
    assert called(response, verdict)["FailedInvokeEventCount"] == failed


def test_age_is_that_of_the_last_record_when_the_call_ends() -> None:
    metrics = Metrics()
    assert called(None, "success", metrics=metrics)["IteratorAge"] == {"Latest": 500, "Maximum": 500}
    metrics.invoked(BATCH, Result(outcome="returned", request_id="r"), Settled(verdict="success"), now=20.25)
    assert metrics.snapshot()["IteratorAge"] == {"Latest": 250, "Maximum": 500}


def test_age_is_not_below_nought_where_clocks_differ() -> None:
    metrics = Metrics()
    metrics.invoked(BATCH, Result(outcome="returned", request_id="r"), Settled(verdict="success"), now=5.0)
    assert metrics.snapshot()["IteratorAge"] == {"Latest": 0, "Maximum": 0}


def test_age_needs_a_call_and_a_record() -> None:
    metrics = Metrics()
    throttled = called(None, "waiting", outcome="not_invoked", metrics=metrics)
    final = Invocation(lane=0, shard_id=SHARD, records=(), attempt=1)
    metrics.invoked(final, Result(outcome="returned", request_id="r"), Settled(verdict="success"), now=9.0)
    assert throttled["IteratorAge"] is None
    assert metrics.snapshot()["IteratorAge"] is None


def test_records_are_dropped_with_or_without_a_destination_that_fails() -> None:
    metrics = Metrics()
    metrics.dropped(2)
    metrics.destination_failed(3)
    metrics.delivered(4)
    assert metrics.snapshot() == NOTHING | {
        "DroppedEventCount": 5,
        "DestinationDeliveryFailures": 1,
        "OnFailureDestinationDeliveredEventCount": 4,
    }
