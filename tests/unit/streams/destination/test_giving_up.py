"""Records that are given up are told and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from harness.streams.destination.base import Destination, DestinationFailed
from harness.streams.destination.giving_up import Discards, GivenUp
from harness.streams.metrics import Metrics
from tests.unit.streams.destination.shapes import FUNCTION, STREAM, a_discard, a_record

if TYPE_CHECKING:
    from harness.streams.invocation import Result


class Failing:
    name, arn, version = "mover", f"{FUNCTION}:live", "7"

    def invoke(self, event: dict[str, Any]) -> Result:
        raise NotImplementedError(event)

    def close(self) -> None:
        pass


@dataclass
class Kept:
    refusal: str | None = None
    sent: list[tuple[Any, Any]] = field(default_factory=list)
    describe: str = "a list"

    def send(self, record: Any, *, event: Any) -> None:
        if self.refusal is not None:
            raise DestinationFailed(self.refusal)
        self.sent.append((record, event))


def given_up(destination: Destination | None) -> tuple[GivenUp, dict[str, int]]:
    metrics = Metrics()
    discards = Discards(function=Failing(), stream_arn=STREAM, destination=destination, metrics=metrics)
    became = discards.give_up(a_discard(a_record(1), a_record(2), a_record(3)), now=0.0)
    counted = {name: count for name, count in metrics.snapshot().items() if count}
    return became, counted


def test_t36_without_a_destination_records_are_dropped() -> None:
    became, counted = given_up(None)
    assert (became.delivered, became.problem) == (False, None)
    assert counted == {"DroppedEventCount": 3}


def test_t36_with_a_destination_they_are_delivered() -> None:
    kept = Kept()
    became, counted = given_up(kept)
    assert (became.delivered, became.problem) == (True, None)
    assert counted == {"OnFailureDestinationDeliveredEventCount": 3}
    ((record, event),) = kept.sent
    assert record == became.record
    assert record["requestContext"]["functionArn"] == f"{FUNCTION}:live"
    assert record["responseContext"]["executedVersion"] == "7"
    assert record["DDBStreamBatchInfo"]["streamArn"] == STREAM
    assert len(event["Records"]) == 3


def test_destination_that_refuses_drops_them_and_stops_nothing() -> None:
    became, counted = given_up(Kept(refusal="no such queue"))
    assert (became.delivered, became.problem) == (False, "no such queue")
    assert counted == {"DroppedEventCount": 3, "DestinationDeliveryFailures": 1}


def test_our_own_mistakes_are_not_taken_for_the_destinations() -> None:
    class Broken(Kept):
        def send(self, record: Any, *, event: Any) -> None:
            raise TypeError(record, event)

    with pytest.raises(TypeError):
        given_up(Broken())
