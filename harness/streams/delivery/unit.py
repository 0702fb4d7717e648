"""What a lane works on: a batch, or what is left of one, and what has been tried with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

from harness.streams.delivery.decision import Discard

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.streams.delivery.decision import Condition
    from harness.streams.delivery.verdict import Judgement
    from harness.streams.invocation import Invocation, Result, Window
    from harness.streams.record import Record

#: Seconds. AWS documents no back-off; one that doubles from a quarter of a second fits what was recorded of it.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 60.0
#: After so many doublings the pause is at its longest.
_DOUBLINGS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the function and the verdict on it."""

    invocation: Invocation
    result: Result
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """It is tried until it is handled, divided or given up; its parts are units of their own and begin afresh."""

    #: None only in a tumbling window's final invocation.
    records: tuple[Record, ...] = ()
    window: Window | None = None
    #: Of a final invocation: the state grew too large before the window's time was over.
    terminated_early: bool = False
    #: When it came to be, in epoch seconds.
    since: float
    #: It is not tried before.
    due: float = -inf
    #: Calls of the function with exactly these records.
    attempts: int = 0
    #: How many of them an earlier process made: limits count those too, patience begins anew.
    earlier: int = 0
    #: Calls in a row that did not reach the function.
    waits: int = 0
    #: The last call that reached it.
    last: Call | None = None

    @property
    def final(self) -> bool:
        """Whether it ends a tumbling window."""
        return not self.records

    @property
    def failures(self) -> int:
        """How often it has failed here in the way that it failed last: by its function, or before that."""
        return self.waits or self.attempts - self.earlier

    @property
    def tried(self) -> bool:
        """Whether it holds up its lane: a call was made, and did not settle it."""
        return self.failures > 0

    def after(self, call: Call) -> Unit:
        """Count a call."""
        if call.judgement.verdict == "waiting":
            return replace(self, waits=self.waits + 1)
        return replace(self, attempts=self.attempts + 1, waits=0, last=call)

    def older_than(self, seconds: float, now: float) -> tuple[Record, ...]:
        """Return its records of more than an age."""
        return tuple(record for record in self.records if now - record.created_at > seconds)

    def split(self, some: Collection[Record]) -> tuple[Unit, Unit | None]:
        """Divide it into some of its records and the others, if any; what was tried with all counts for both."""
        chosen = {id(record) for record in some}
        others = tuple(record for record in self.records if id(record) not in chosen)
        return replace(self, records=tuple(some)), replace(self, records=others) if others else None

    def again(self, now: float, time_scale: float) -> Unit:
        """Put it off by the back-off: it fails, or can't be called."""
        seconds = min(_FIRST_PAUSE * 2 ** min(self.failures - 1, _DOUBLINGS), _LONGEST_PAUSE)
        return replace(self, due=now + seconds * time_scale)

    def part(self, records: tuple[Record, ...], now: float) -> Unit:
        """Make a unit of some of its records: a half, or what a partial success leaves."""
        return Unit(records=records, window=self.window, since=now)

    def never_reported(self) -> tuple[Record, ...]:
        """Return the records that the last call did not report, where it reported others."""
        reported = self.last.judgement.reported if self.last else frozenset[str]()
        return tuple(record for record in self.records if record.sequence_number not in reported) if reported else ()

    def discard(self, lane: int, shard_id: str, condition: Condition) -> Discard:
        """Say that its records are given up."""
        unhandled = self.last is not None and self.last.judgement.verdict == "function_error"
        return Discard(
            lane=lane,
            shard_id=shard_id,
            records=self.records,
            condition=condition,
            # AWS's failure record says 1 also of a record that expired before any call.
            invokes=max(self.attempts, 1),
            request_id=self.last.result.request_id if self.last else None,
            function_error="Unhandled" if unhandled else None,
            invocation=self.last.invocation if self.last else None,
        )
