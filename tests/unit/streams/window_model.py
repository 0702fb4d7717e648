"""What a mapping with tumbling windows does, as plainly as can be: the other half of the oracle. See `model`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.unit.streams.model import Change, Fate, Script, Settings, event_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class Windowed(Settings):
    """A mapping with windows, and what a state may hold."""

    #: What TumblingWindowInSeconds says.
    window: int = 30
    #: Bytes of a state beyond which its window ends early.
    state_limit: int = 1024 * 1024
    #: Bytes of an event with neither records nor state.
    envelope: int = 0


@dataclass(frozen=True, kw_only=True)
class Call:
    """What the function is called with."""

    records: list[int]
    #: Beginning of the window.
    start: int
    state: Any
    final: bool = False
    early: bool = False


@dataclass
class Work:
    """A batch, or without records the end of a window."""

    batch: list[int]
    start: int
    early: bool = False
    tries: int = 0
    waits: int = 0


@dataclass(kw_only=True)
class Play:
    """Delivers burst after burst, each wholly, also to the end of its windows; calls take no time.

    To each call that is not a window's last the function returns its state with the batch at its end. What last calls
    come to `endings` says, in turn.
    """

    changes: dict[int, Change]
    given: Windowed
    endings: Iterator[Fate]
    calls: list[Call] = field(default_factory=list)
    discards: list[tuple[list[int], str, int]] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    stuck: bool = False
    now: int = 0
    newest: int = 0
    waiting: list[int] = field(default_factory=list)
    queue: list[Work] = field(default_factory=list)
    #: Of open windows, by their beginning.
    states: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.script = Script(self.changes)

    @property
    def checkpoint(self) -> int:
        return next(number for number in range(len(self.changes) + 1) if number + 1 not in self.done)

    def burst(self, now: int, burst: list[int]) -> None:
        """Deliver records that are all there at an instant."""
        self.now = now
        self.newest = max([self.newest, *(self.changes[number].made_at for number in burst)])
        self.waiting = [number for number in burst if self.changes[number].passes]
        self.done |= set(burst) - set(self.waiting)
        while not self.stuck and (self.queue or self.due()):
            if self.ready(self.queue[0]):
                self.call(self.queue.pop(0))

    def due(self) -> bool:
        """Queue what comes next: the end of a window none of whose records is left or can come, or else a batch."""
        held = {self.start_of(number) for number in self.waiting}
        if not self.waiting and self.states:
            self.now = max(self.now, min(self.states) + self.given.window)
        passed = max(self.newest, self.now) - self.given.window
        over = [start for start in self.states if start not in held and start <= passed]
        if over:
            self.queue = [Work([], min(over))]
        elif self.waiting:
            count, start = 1, self.start_of(self.waiting[0])
            while count < min(len(self.waiting), self.given.batch_size) and (
                self.start_of(self.waiting[count]) == start
                and event_bytes(self.waiting[: count + 1], self.changes) <= self.given.limit
            ):
                count += 1
            self.queue = [Work(self.waiting[:count], start)]
            del self.waiting[:count]
        return bool(self.queue)

    def ready(self, work: Work) -> bool:
        """Give up what is too old, and leave for later what no longer goes into an event beside the state."""
        if not work.batch:
            return True
        age = self.given.age
        old = [number for number in work.batch if age != -1 and self.now - self.changes[number].made_at > age]
        if old:
            self.discard(old, "RecordAgeExceeded", max(work.tries, 1))
            work.batch = [number for number in work.batch if number not in old]
        if not work.batch:
            self.queue.pop(0)
            return False
        beside = self.given.envelope + json_bytes(self.states.setdefault(work.start, {}))
        count = len(work.batch)
        while count > 1 and event_bytes(work.batch[:count], self.changes, beside) > self.given.limit:
            count -= 1
        if count < len(work.batch):
            self.queue[:1] = self.parts(work, count)
        return True

    def call(self, work: Work) -> None:
        batch, state, final = work.batch, self.states[work.start], not work.batch
        self.calls.append(Call(records=batch, start=work.start, state=state, final=final, early=work.early))
        fate, guilty = (next(self.endings, "fine"), []) if final else self.script.answer(batch)
        at = batch.index(min(guilty)) if guilty else 0
        if fate == "throttled":
            work.waits += 1
            self.again(work, stuck=work.waits >= self.given.stuck_after)
            return
        work.tries, work.waits = work.tries + 1, 0
        if fate == "fine" or (fate in ("reported", "nonsense") and not self.given.partial):
            self.done |= set(batch)
            self.carry(work, state)
        elif fate == "reported" and at > 0:
            self.done |= set(batch[:at])
            self.queue[:0] = self.parts(work, at)[1:]
            self.carry(work, state)
        elif fate == "raises" and self.given.bisect and len(batch) > 1:
            self.queue[:0] = self.parts(work, len(batch) // 2)
        elif self.given.retries == -1 or work.tries <= self.given.retries:
            self.again(work, stuck=self.given.retries == -1 and work.tries >= self.given.stuck_after)
        elif final:
            del self.states[work.start]
        else:
            self.discard(batch, "RetryAttemptsExhausted", work.tries)

    def carry(self, work: Work, state: Any) -> None:
        """Keep the state for the window's next call. A window that is over has none, one that is too large ends now."""
        if not work.batch:
            del self.states[work.start]
            return
        self.states[work.start] = [*state, *work.batch]
        if json_bytes(self.states[work.start]) > self.given.state_limit:
            self.queue.insert(0, Work([], work.start, early=True))

    def again(self, work: Work, *, stuck: bool) -> None:
        self.queue.insert(0, work)
        self.stuck = stuck

    def discard(self, records: list[int], condition: str, tries: int) -> None:
        self.discards.append((records, condition, tries))
        self.done |= set(records)

    def parts(self, work: Work, count: int) -> list[Work]:
        """Divide a batch; each part begins afresh."""
        return [Work(work.batch[:count], work.start), Work(work.batch[count:], work.start)]

    def start_of(self, number: int) -> int:
        return self.changes[number].made_at // self.given.window * self.given.window


def json_bytes(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":")))
