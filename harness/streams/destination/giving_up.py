"""Giving records up: they are told to the destination, and counted either way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.destination.base import DestinationFailed
from harness.streams.destination.failure_record import discarded_event, failure_record

if TYPE_CHECKING:
    from harness.streams.delivery.decision import Discard
    from harness.streams.destination.base import Destination
    from harness.streams.invocation import Function
    from harness.streams.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """What became of discarded records."""

    #: As AWS would send it; made also where nobody is there to be told.
    record: dict[str, Any]
    delivered: bool
    #: Why the destination did not take it; None where it did, or where there is none.
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discards:
    """A mapping's way of giving records up."""

    function: Function
    #: As handlers see it.
    stream_arn: str
    #: None where nobody is to be told.
    destination: Destination | None
    metrics: Metrics

    def give_up(self, discard: Discard, *, now: float) -> GivenUp:
        """Tell the destination and count; `now` is epoch seconds. A destination that fails stops nothing, as on AWS."""
        record = failure_record(
            discard,
            function_arn=self.function.arn,
            function_version=self.function.version,
            stream_arn=self.stream_arn,
            now=now,
        )
        if self.destination is None:
            self.metrics.dropped(len(discard.records))
            return GivenUp(record=record, delivered=False)
        try:
            self.destination.send(record, event=discarded_event(discard, stream_arn=self.stream_arn))
        except DestinationFailed as exc:
            self.metrics.destination_failed(len(discard.records))
            return GivenUp(record=record, delivered=False, problem=str(exc))
        self.metrics.delivered(len(discard.records))
        return GivenUp(record=record, delivered=True)
