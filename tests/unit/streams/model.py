"""What a mapping with one lane and no windows does, once more and as plainly as can be: an oracle for the real one.

Records are numbers from 1 on. Nothing in here is the harness's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

FOREVER = 10**9
Fate = Literal["fine", "raises", "reported", "nonsense", "throttled"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A mapping, and where the harness would call a batch stuck."""

    batch_size: int = 100
    retries: int = -1
    age: int = -1
    bisect: bool = False
    partial: bool = False
    stuck_after: int = 4


@dataclass(frozen=True, kw_only=True)
class Change:
    """A record: when it was made, whether the filter lets it pass, and what it does to how many of its first calls."""

    made_at: int
    passes: bool = True
    fate: Fate = "fine"
    times: int = FOREVER


@dataclass
class Script:
    """What the function answers, by what it is called with and how often that was there before. Use each once."""

    changes: dict[int, Change]
    seen: Counter[int] = field(default_factory=Counter)

    def answer(self, batch: list[int]) -> tuple[Fate, list[int]]:
        """The gravest of the fates in a batch, and the records that have it."""
        self.seen.update(batch)
        for fate in ("throttled", "raises", "nonsense", "reported"):
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
    """What can be seen of a delivery from outside."""

    invokes: list[list[int]] = field(default_factory=list)
    #: Records, condition, and how often they were tried.
    discards: list[tuple[list[int], str, int]] = field(default_factory=list)
    #: Number of the last record before which nothing is open; 0 where that is none.
    checkpoint: int = 0
    stuck: bool = False


def play(changes: dict[int, Change], settings: Settings, *, now: int, pace: int) -> Outcome:
    """Deliver records that all wait already; each call of the function takes `pace` seconds."""
    script, outcome = Script(changes), Outcome()
    passing = [number for number in changes if changes[number].passes]
    done = set(changes) - set(passing)
    size = settings.batch_size
    queue = [(passing[start : start + size], 0) for start in range(0, len(passing), size)]
    while queue and not outcome.stuck:
        batch, tries = queue.pop(0)
        old = [number for number in batch if settings.age != -1 and now - changes[number].made_at > settings.age]
        if old:
            outcome.discards.append((old, "RecordAgeExceeded", max(tries, 1)))
            done |= set(old)
            queue.insert(0, (batch[len(old) :], tries))
            continue
        if not batch:
            continue
        outcome.invokes.append(batch)
        fate, guilty = script.answer(batch)
        now += pace
        if fate == "throttled":
            queue.insert(0, (batch, tries))
            continue
        tries += 1
        at = batch.index(min(guilty)) if guilty else 0
        if fate == "fine" or (fate != "raises" and not settings.partial):
            done |= set(batch)
        elif fate == "reported" and at > 0:
            done |= set(batch[:at])
            queue.insert(0, (batch[at:], 0))
        elif fate == "raises" and settings.bisect and len(batch) > 1:
            middle = len(batch) // 2
            queue[:0] = [(batch[:middle], 0), (batch[middle:], 0)]
        elif settings.retries != -1 and tries > settings.retries:
            outcome.discards.append((batch, "RetryAttemptsExhausted", tries))
            done |= set(batch)
        else:
            outcome.stuck = settings.retries == -1 and tries >= settings.stuck_after
            queue.insert(0, (batch, tries))
    while outcome.checkpoint + 1 in done:
        outcome.checkpoint += 1
    return outcome
