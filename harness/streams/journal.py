"""What happened while a stream was delivered, entry by entry, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.streams.caution import Caution
    from harness.streams.delivery.decision import Discard, Settled
    from harness.streams.destination.giving_up import GivenUp
    from harness.streams.invocation import Invocation, Result
    from harness.streams.reading.position import Checkpoint
    from harness.streams.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """Records that no filter let through."""

    shard_id: str
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoked:
    """One call of the function."""

    invocation: Invocation
    result: Result
    settled: Settled
    #: IteratorAge: milliseconds from the last record's change to the end of the call.
    lag: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """Records that were given up."""

    discard: Discard
    given_up: GivenUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpointed:
    """A shard is done up to here."""

    shard_id: str
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Cautioned:
    """Something works as on AWS and not as most people expect."""

    caution: Caution


Entry = Filtered | Invoked | Discarded | Checkpointed | Cautioned


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a stretch of delivery came to."""

    #: Records that were handled for good.
    records: int = 0
    #: Calls that handled some.
    batches: int = 0
    #: Calls of the function.
    invokes: int = 0
    #: Calls that failed, in whole or in part.
    failures: int = 0
    discarded: int = 0
    filtered: int = 0
    #: Everything, in the order in which it happened.
    entries: tuple[Entry, ...] = ()

    def __add__(self, other: Delivery) -> Delivery:
        return Delivery(
            records=self.records + other.records,
            batches=self.batches + other.batches,
            invokes=self.invokes + other.invokes,
            failures=self.failures + other.failures,
            discarded=self.discarded + other.discarded,
            filtered=self.filtered + other.filtered,
            entries=self.entries + other.entries,
        )

    @staticmethod
    def of(entries: Sequence[Entry]) -> Delivery:
        """Count what happened."""
        invoked = [entry for entry in entries if isinstance(entry, Invoked)]
        return Delivery(
            records=sum(len(entry.settled.handled) for entry in invoked),
            batches=sum(bool(entry.settled.handled) for entry in invoked),
            invokes=len(invoked),
            failures=sum(entry.settled.verdict != "success" for entry in invoked),
            discarded=sum(len(entry.discard.records) for entry in entries if isinstance(entry, Discarded)),
            filtered=sum(len(entry.records) for entry in entries if isinstance(entry, Filtered)),
            entries=tuple(entries),
        )
