"""One ordered queue of a shard: records wait, become batches, and one batch at a time is tried."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

from harness.streams.delivery import traps
from harness.streams.delivery.batching import EVENT_LIMIT, Buffer, fitting, too_large
from harness.streams.delivery.decision import Decisions
from harness.streams.delivery.limits import Limits
from harness.streams.delivery.outcome import Outcomes, lost
from harness.streams.delivery.unit import Call, Unit
from harness.streams.delivery.verdict import judge
from harness.streams.delivery.window import STATE_LIMIT, Ending, Windows
from harness.streams.invocation import Invocation

if TYPE_CHECKING:
    from harness.streams.caution import Caution
    from harness.streams.delivery.decision import Condition, Discard, Settled
    from harness.streams.delivery.progress import Progress
    from harness.streams.delivery.window import LaneWindows, Reading
    from harness.streams.emulation import Emulation
    from harness.streams.invocation import Result, Window
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.record import Record


class Lane:
    """Sends nothing before what came earlier is handled or given up."""

    def __init__(  # noqa: PLR0913 - a lane shares its shard's facts
        self,
        number: int,
        mapping: EventSourceMapping,
        emulation: Emulation,
        *,
        shard_id: str,
        reading: Reading,
        progress: Progress,
        opened_at: float,
        kept: LaneWindows | None = None,
    ) -> None:
        self._number, self._shard_id = number, shard_id
        self._mapping = mapping
        self._reading, self._progress = reading, progress
        self._limits = Limits.of(mapping, emulation)
        self._outcomes = Outcomes(
            limits=self._limits, bisect=mapping.bisect_batch_on_function_error, time_scale=emulation.time_scale
        )
        self._buffer = Buffer(batch_size=mapping.batch_size, window_seconds=mapping.tumbling_window_in_seconds)
        self._windows = Windows(kept)
        #: The batch that is being processed, in as many units as it has come apart into.
        self._work = deque(self._end_of(window, opened_at, early=True) for window in self._windows.outgrown)
        self._in_flight: Invocation | None = None
        self._discards: list[Discard] = []
        self._cautions: list[Caution] = []
        #: The batching window begins when a batch is done with: at its last call, or when the last of it is given up.
        self._batching_since = opened_at

    def add(self, record: Record) -> None:
        """Take a record that comes after all others."""
        self._buffer.add(record)

    @property
    def waiting(self) -> int:
        """How many records wait for their batch."""
        return len(self._buffer)

    @property
    def waiting_bytes(self) -> int:
        """How large they are together."""
        return self._buffer.bytes

    @property
    def hungry(self) -> bool:
        """Whether it could do with more records: no batch is full yet, and no failing one holds it up."""
        held_up = bool(self._work) and self._work[0].tried
        return not held_up and len(self._buffer) < self._mapping.batch_size and self._buffer.bytes < EVENT_LIMIT

    @property
    def windows(self) -> LaneWindows | None:
        """What its tumbling windows have come to; None without."""
        return self._windows.kept(self._number)

    @property
    def idle(self) -> bool:
        """Whether nothing waits, is in work, or is kept for a window."""
        return not (self._buffer or self._work or self._windows or self._discards)

    def decide(self, now: float) -> Decisions:
        """Hand out what is due."""
        sent = None
        if self._in_flight is None:
            sent = self._in_flight = self._next(now)
        discards, self._discards = tuple(self._discards), []
        cautions, self._cautions = tuple(self._cautions), []
        return Decisions(
            invocations=(sent,) if sent else (), discards=discards, next_at=self._wakes_at(), cautions=cautions
        )

    def settle(self, invocation: Invocation, result: Result, now: float) -> Settled:
        """Do what the result of the invocation in flight means for its batch."""
        if invocation is not self._in_flight:
            raise ValueError(f"not the invocation that is in flight in lane {self._number}")
        self._in_flight = None
        judgement = judge(invocation, result, reporting=self._mapping.reports_batch_item_failures)
        call = Call(invocation=invocation, result=result, judgement=judgement)
        unit = self._work.popleft().after(call)
        outcome = self._outcomes.of(unit, call, now)
        self._work.extendleft(reversed(outcome.units))
        passed = self._progress.passed if unit.window is None else self._progress.included
        passed(outcome.settled.handled)
        if outcome.given_up:
            self._give_up(unit, "RetryAttemptsExhausted")
        elif outcome.units and unit.window is not None and unit.final:
            self._windows.put_off(Ending(window=unit.window, attempts=unit.attempts, since=unit.since))
        cautions: tuple[Caution, ...] = ()
        if judgement.verdict in {"success", "partial"}:
            cautions = self._carry_state(unit, judgement.state, now)
        self._batching_since = now
        return replace(outcome.settled, cautions=(*outcome.settled.cautions, *cautions))

    def _next(self, now: float) -> Invocation | None:
        while self._work or self._begin(now):
            if self._work[0].due > now:
                return None
            if self._leave_what_is_too_old(now):
                return self._send(now)
            self._batching_since = now
        return None

    def _begin(self, now: float) -> bool:
        """Take up the end of a window, or else a new batch; return whether one of them was due."""
        ended = next((window for window in self._windows if self._ends_at(window) <= now), None)
        if ended is not None:
            self._work.append(self._end_of(ended, now))
        elif self._batch_goes_at() <= now:
            window = self._buffer.window
            self._work.append(Unit(records=self._buffer.take(), window=window, since=now))
        return bool(self._work)

    def _batch_goes_at(self) -> float:
        """Return when the gathered batch goes, full or not."""
        if not self._buffer:
            return inf
        if self._buffer.complete or self._reading.finished:
            return -inf
        window = self._buffer.window
        window_ends_at = self._reading.whole_at(window) if window else inf
        return min(self._batching_since + self._mapping.maximum_batching_window_in_seconds, window_ends_at)

    def _ends_at(self, window: Window) -> float:
        """Return when a tumbling window's final invocation is due: after all of its records."""
        return inf if self._buffer.holds(window) else self._reading.whole_at(window)

    def _wakes_at(self) -> float | None:
        if self._in_flight is not None:
            return None
        if self._work:
            return self._work[0].due
        at = min((self._batch_goes_at(), *map(self._ends_at, self._windows)))
        return None if at == inf else at

    def _leave_what_is_too_old(self, now: float) -> bool:
        """Before every attempt, also the first, give up what is too old; return whether anything is left to send."""
        unit = self._work.popleft()
        left: Unit | None = unit
        if self._limits.outlived(unit, now):
            self._cautions += lost(unit)
            self._give_up(unit, "RecordAgeExceeded")
            left = None
        elif expired := self._limits.expired(unit, now):
            gone, left = unit.split(expired)
            self._cautions += lost(gone)
            self._give_up(gone, "RecordAgeExceeded")
        elif trimmed := self._limits.trimmed(unit, now):
            _, left = unit.split(trimmed)
            self._cautions.append(traps.records_trimmed(trimmed))
            self._progress.passed(trimmed)
        if left is not None:
            self._work.appendleft(left)
        return left is not None

    def _send(self, now: float) -> Invocation:
        unit = self._work[0]
        if unit.window is not None and not unit.final:
            if self._windows.open(unit.window):
                self._cautions.append(traps.late_records(unit.window, unit.records))
            unit = self._cut_to_size(unit, unit.window, now)
        if not unit.tried and too_large(unit.records):
            self._cautions.append(traps.record_over_limit(unit.records))
        return Invocation(
            lane=self._number,
            shard_id=self._shard_id,
            records=unit.records,
            attempt=unit.attempts + 1,
            tumble=self._windows.tumble(unit.window, final=unit.final, early=unit.terminated_early),
        )

    def _cut_to_size(self, unit: Unit, window: Window, now: float) -> Unit:
        """Leave for the next event what doesn't fit beside the window's state, which grew since the batch was formed."""
        beside = self._windows.bytes_beside(window, self._shard_id, self._mapping.event_source_arn)
        fit = fitting(unit.records, beside)
        if fit < len(unit.records):
            self._work.popleft()
            self._work.extendleft((unit.part(unit.records[fit:], now), unit.part(unit.records[:fit], now)))
        return self._work[0]

    def _carry_state(self, unit: Unit, state: Any, now: float) -> tuple[Caution, ...]:
        """Keep what a successful call returned for its window's next one; a window that is over has none."""
        if unit.window is None:
            return ()
        if unit.final:
            self._windows.end(unit.window, early=unit.terminated_early)
            return ()
        size = self._windows.keep(unit.window, state)
        if size <= STATE_LIMIT:
            return ()
        self._work.appendleft(self._end_of(unit.window, now, early=True))
        return (traps.window_ended_early(unit.window, size),)

    def _end_of(self, window: Window, now: float, *, early: bool = False) -> Unit:
        """Make a final invocation, or go on with the one that an earlier process had no success with."""
        ending = self._windows.ending(window, now)
        tried = ending.attempts
        return Unit(window=window, terminated_early=early, since=ending.since, attempts=tried, earlier=tried)

    def _give_up(self, unit: Unit, condition: Condition) -> None:
        if unit.window is not None and unit.final:
            self._windows.end(unit.window, early=unit.terminated_early)
        else:
            self._discards.append(unit.discard(self._number, self._shard_id, condition))
