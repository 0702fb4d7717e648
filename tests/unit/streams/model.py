"""What a mapping without windows does, once more and as plainly as can be: an oracle for the real one.

Records are numbers from 1 on, and lanes know nothing of each other. Nothing in here is the harness's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREVER = 10**9
Fate = Literal["fine", "raises", "reported", "nonsense", "throttled", "silent"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A mapping, what an event may hold, and when the harness calls a batch stuck."""

    batch_size: int = 100
    lanes: int = 1
    retries: int = -1
    age: int = -1
    bisect: bool = False
    partial: bool = False
    stuck_after: int = 4
    #: Bytes of an event.
    limit: int = 6 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Change:
    """A record: when it was made, whether the filter lets it pass, and what it does to how many of its first calls."""

    made_at: int
    passes: bool = True
    fate: Fate = "fine"
    times: int = FOREVER
    item: int = 0
    #: How AWS spreads items over lanes is not known: told to the model. So are the bytes that it takes in an event.
    lane: int = 0
    size: int = 0


@dataclass
class Script:
    """What the function answers, by what it is called with and how often that was there before. Use each once."""

    changes: dict[int, Change]
    seen: Counter[int] = field(default_factory=Counter)

    def answer(self, batch: list[int]) -> tuple[Fate, list[int]]:
        """The gravest of the fates in a batch, and the records that have it."""
        self.seen.update(batch)
        for fate in ("throttled", "raises", "silent", "nonsense", "reported"):
            having = [
                number
                for number in batch
                if self.changes[number].fate == fate and self.seen[number] <= self.changes[number].times
            ]
            if having:
                return fate, having
        return "fine", []


@dataclass
class Outcome:
    """What can be seen of a lane's delivery from outside."""

    invokes: list[list[int]] = field(default_factory=list)
    #: Records, condition, and how often they were tried.
    discards: list[tuple[list[int], str, int]] = field(default_factory=list)
    stuck: bool = False


def play(changes: dict[int, Change], settings: Settings, *, now: int, pace: int = 0) -> tuple[dict[int, Outcome], int]:
    """Deliver records that all wait already; each call of the function takes `pace` seconds.

    Return what each lane does, and the number of the last record before which nothing is open.
    """
    outcomes = {}
    done = {number for number in changes if not changes[number].passes}
    for lane in range(settings.lanes):
        waiting = [number for number in changes if changes[number].passes and changes[number].lane == lane]
        outcomes[lane], handled = play_lane(waiting, changes, settings, now=now, pace=pace)
        done |= handled
    return outcomes, next(number for number in range(len(changes) + 1) if number + 1 not in done)


def play_lane(
    waiting: list[int], changes: dict[int, Change], settings: Settings, *, now: int, pace: int
) -> tuple[Outcome, set[int]]:
    """Return what becomes of a lane's records, and which of them are done with in the end."""
    script, outcome, done = Script(changes), Outcome(), set[int]()
    queue = [(batch, 0, 0) for batch in batches(waiting, changes, settings)]
    while queue and not outcome.stuck:
        batch, tries, waits = queue.pop(0)
        old = [number for number in batch if settings.age != -1 and now - changes[number].made_at > settings.age]
        if old:
            outcome.discards.append((old, "RecordAgeExceeded", max(tries, 1)))
            done |= set(old)
            queue.insert(0, (batch[len(old) :], tries, waits))
            continue
        if not batch:
            continue
        outcome.invokes.append(batch)
        fate, guilty = script.answer(batch)
        now += pace
        if fate == "throttled":
            outcome.stuck = waits + 1 >= settings.stuck_after
            queue.insert(0, (batch, tries, waits + 1))
            continue
        tries += 1
        at = batch.index(min(guilty)) if guilty else 0
        if fate in ("fine", "silent") or (fate != "raises" and not settings.partial):
            done |= set(batch)
        elif fate == "reported" and at > 0:
            done |= set(batch[:at])
            queue.insert(0, (batch[at:], 0, 0))
        elif fate == "raises" and settings.bisect and len(batch) > 1:
            middle = len(batch) // 2
            queue[:0] = [(batch[:middle], 0, 0), (batch[middle:], 0, 0)]
        elif settings.retries != -1 and tries > settings.retries:
            outcome.discards.append((batch, "RetryAttemptsExhausted", tries))
            done |= set(batch)
        else:
            outcome.stuck = settings.retries == -1 and tries >= settings.stuck_after
            queue.insert(0, (batch, tries, 0))
    return outcome, done


def batches(waiting: list[int], changes: dict[int, Change], settings: Settings) -> Iterator[list[int]]:
    """Cut what waits: as many as go into an event, at least one."""
    left = list(waiting)
    while left:
        count = 1
        while count < min(len(left), settings.batch_size) and event_bytes(left[: count + 1], changes) <= settings.limit:
            count += 1
        yield left[:count]
        left = left[count:]


def event_bytes(batch: list[int], changes: dict[int, Change], beside: int = len('{"Records":[]}')) -> int:
    """Return the bytes of an event: its records, what is beside them, and commas."""
    return beside + sum(changes[number].size for number in batch) + len(batch) - 1
