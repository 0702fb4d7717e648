"""One change of a table, as a mapping carries it from the stream to the handler."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record in the shape that the handler sees, and the few things of it that delivery goes by."""

    shard_id: str
    #: 21 to 40 digits. Compare `position`: as text, "99" comes after "100".
    sequence_number: str
    position: int
    #: Epoch seconds, whole: when the change was made, as the event tells it.
    created_at: float
    #: The item that changed: its key as canonical JSON. Order is kept per item.
    item: str
    #: Bytes that it takes in an event.
    size: int
    #: What stands in the event's `Records`: JSON's types and nothing else. Never changed; each event is a fresh copy.
    data: Mapping[str, Any]
    #: 0 for a write that came from outside; 1 more than the record whose invocation wrote it.
    generation: int = 0

    @staticmethod
    def of(shard_id: str, data: Mapping[str, Any], *, generation: int = 0) -> Record:
        """Take what delivery needs from a record that is in the event's shape already."""
        change = data["dynamodb"]
        return Record(
            shard_id=shard_id,
            sequence_number=change["SequenceNumber"],
            position=int(change["SequenceNumber"]),
            created_at=change["ApproximateCreationDateTime"],
            item=compact(change["Keys"], sort_keys=True),
            size=len(compact(data).encode()),
            data=data,
            generation=generation,
        )


def compact(value: Any, *, sort_keys: bool = False) -> str:
    """Return JSON as Lambda measures it: no blanks, characters unescaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys)
