"""Where failure records go: what every destination can do, and what it raises when it can't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Mapping


class DestinationFailed(Exception):
    """The destination did not take a failure record. On AWS nothing is left of the records then; delivery goes on."""


class Destination(Protocol):
    """A queue, a topic, a bucket or a file."""

    @property
    def describe(self) -> str:
        """What it is and where, without credentials: for a reader."""

    def send(self, record: Mapping[str, Any], *, event: Mapping[str, Any] | None) -> None:
        """Hand over a failure record; `event` is what the function was called with, for those that carry it.

        Raises DestinationFailed.
        """


def with_payload(record: Mapping[str, Any], event: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the record as a bucket gets it: with the whole event, as a JSON text inside the JSON.

    Source: "Retaining discarded records for a DynamoDB event source" of the Lambda developer guide.
    """
    return dict(record) if event is None else {**record, "payload": compact(event)}
