"""What CloudWatch would show of a mapping.

Source: "Types of metrics for Lambda functions" of the Lambda developer guide: the group EventCount of a mapping, and the
function's IteratorAge and DestinationDeliveryFailures. AWS shows the group only where the mapping asks for it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.streams.delivery.decision import Settled
    from harness.streams.invocation import Invocation, Result

_COUNTERS = (
    "PolledEventCount",
    "FilteredOutEventCount",
    "InvokedEventCount",
    "FailedInvokeEventCount",
    "DroppedEventCount",
    "OnFailureDestinationDeliveredEventCount",
    "DestinationDeliveryFailures",
)
_MILLISECONDS = 1000


class Metrics:
    """Counts since the start. To be fed from one thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._age: int | None = None
        self._highest_age = 0

    def polled(self, records: int, *, filtered_out: int = 0) -> None:
        """Count a look at the stream: what it gave, and how much of that no filter let through."""
        self._counts["PolledEventCount"] += records
        self._counts["FilteredOutEventCount"] += filtered_out

    def invoked(self, invocation: Invocation, result: Result, settled: Settled, *, now: float) -> None:
        """Count a call at its end; `now` is epoch seconds. Calls that were throttled count too, as on AWS."""
        self._counts["InvokedEventCount"] += len(invocation.records)
        self._counts["FailedInvokeEventCount"] += _failed(invocation, result, settled)
        if invocation.records and result.outcome != "not_invoked":
            self._age = max(0, round((now - invocation.records[-1].created_at) * _MILLISECONDS))
            self._highest_age = max(self._highest_age, self._age)

    def delivered(self, records: int) -> None:
        """Count records whose failure record the destination took."""
        self._counts["OnFailureDestinationDeliveredEventCount"] += records

    def dropped(self, records: int) -> None:
        """Count records that were given up without a destination."""
        self._counts["DroppedEventCount"] += records

    def destination_failed(self, records: int) -> None:
        """Count a failure record that the destination did not take, and the records that it told of."""
        self._counts["DestinationDeliveryFailures"] += 1
        self.dropped(records)

    def snapshot(self) -> dict[str, Any]:
        """Return every metric by AWS's name; IteratorAge in milliseconds, None before the first call."""
        counts: dict[str, Any] = {name: self._counts[name] for name in _COUNTERS}
        age = None if self._age is None else {"Latest": self._age, "Maximum": self._highest_age}
        return counts | {"IteratorAge": age}


def _failed(invocation: Invocation, result: Result, settled: Settled) -> int:
    """Return how many records a call failed with: those that it reported, or else the whole batch."""
    if settled.verdict == "success":
        return 0
    reported = _reported(result.response) if settled.verdict in {"partial", "failure"} else set()
    known = {record.sequence_number for record in invocation.records}
    return len(reported) if reported and reported <= known else len(known)


def _reported(response: Any) -> set[str]:
    failures = response.get("batchItemFailures") if isinstance(response, dict) else None
    if not isinstance(failures, list):
        return set()
    # Whatever is no sequence number becomes a text that is none either.
    return {str(failure.get("itemIdentifier")) if isinstance(failure, dict) else "" for failure in failures}
