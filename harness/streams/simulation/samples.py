"""Ready-made events for a first try of a handler."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.spelling import did_you_mean
from harness.streams.clock import SimulatedClock
from harness.streams.delivery.first_event import first_event
from harness.streams.event import Source, to_lambda_event
from harness.streams.simulation.table import TableSimulation

if TYPE_CHECKING:
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.simulation.records import ViewType

_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
_KEY = {"pk": {"S": "MSG#4f1d"}, "sk": {"S": "2026-03-02T12:00:00.000000+00:00"}}
_SEQUENCE = ("insert", "modify", "remove", "ttl")
#: What can be asked for; `all` has one record of each of the others.
SAMPLES = (*_SEQUENCE, "all")


def require_sample(name: str) -> None:
    """Raise UsageError for a name that isn't in SAMPLES."""
    if name not in SAMPLES:
        raise UsageError(
            f"no sample is called {name!r}",
            hint=did_you_mean(name, SAMPLES, otherwise=f"there are {', '.join(SAMPLES)}"),
        )


def sample_event(
    name: str,
    *,
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    region: str = "us-east-1",
    table: str = "messages",
    mapping: EventSourceMapping | None = None,
) -> dict[str, Any]:
    """Return a Lambda event; the same at each call. Raises UsageError for a name that isn't in SAMPLES.

    `table` stands in the ARN of its stream, from which a handler may read where to write. With a mapping the stream is
    the mapping's, and the event is one that it makes: the first of a tumbling window, where it has such windows.
    """
    require_sample(name)
    played = TableSimulation(view_type=view_type, clock=SimulatedClock(at=_AT.timestamp()), region=region)
    message = {"message": {"S": "Hello"}, "expires_at": {"N": str(int(_AT.timestamp()))}}
    played.put_item(_KEY | message)
    played.update_item(_KEY, {"message": {"S": "Hello again"}})
    played.delete_item(_KEY)
    played.put_item(_KEY | message)
    played.expire("expires_at")
    chosen = dict(zip(_SEQUENCE, (*played.records[:3], played.records[4]), strict=True))
    records = list(chosen.values()) if name == "all" else [chosen[name]]
    arn = f"arn:aws:dynamodb:{region}:123456789012:table/{table}/stream/2026-03-02T00:00:00.000"
    event = to_lambda_event(records, Source(arn=mapping.event_source_arn if mapping else arn), seen_at=_AT)
    return first_event(mapping, at=_AT.timestamp(), records=event["Records"]) if mapping else event
