"""The event of a mapping's first call, for who calls a function and delivers nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.streams.delivery.window import Windows, window_of
from harness.streams.invocation import Invocation
from harness.streams.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.streams.mapping.model import EventSourceMapping

_SHARD = "shardId-00000000000000000000-00000000"


def first_event(mapping: EventSourceMapping, *, at: float, records: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return what the function would be called with, at an instant in epoch seconds, with records made just then.

    Where the mapping has a tumbling window, so has the event, with all that goes with one, and an empty state.
    """
    batch = tuple(Record.of(_SHARD, record) for record in records)
    tumble = Windows().tumble(window_of(at, mapping.tumbling_window_in_seconds))
    call = Invocation(lane=0, shard_id=_SHARD, records=batch, attempt=1, tumble=tumble)
    return call.event(mapping.event_source_arn)
