"""When each message of a group was sent; whole microseconds before as_of, so that as_of moves all of them alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from harness.seeding.draw import Draw

if TYPE_CHECKING:
    from harness.seeding.plan import SeedPlan

DAY = 86_400_000_000
#: Each group has its own of the many microseconds in such a slot: no two groups end at the same instant.
_SLOT = 100_000_000
#: Has no common divisor with _SLOT, so that different groups have different places in it.
_STRIDE = 61_803_399


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The exchanges of a group, one in each stretch of its time, the last message of the last one at the end."""

    #: Microseconds from the group's last message to as_of.
    end: int
    exchanges: int
    #: Microseconds from one exchange to the next.
    stretch: int

    def ages(self, exchange: int, lines: int, draw: Draw) -> list[int]:
        """Return how many microseconds before as_of each line of an exchange was sent: strictly falling."""
        gaps = [5_000_000 + 1_000 * draw.below(400_000) for _ in range(lines - 1)]
        room, wanted = self.stretch * 4 // 5, sum(gaps)
        if wanted > room:
            gaps = [max(1, gap * room // wanted) for gap in gaps]
            wanted = sum(gaps)
        last = exchange == self.exchanges - 1
        jitter = 0 if last or exchange == 0 else draw.below(self.stretch - wanted)
        closing = self.end + (self.exchanges - 1 - exchange) * self.stretch + jitter
        return list(accumulate(gaps, lambda age, gap: age - gap, initial=closing + wanted))


def lay_out(plan: SeedPlan, group: int, exchanges: int) -> Timeline:
    """Return when a group's exchanges take place; the first group's fill the whole history."""
    draw = Draw(plan.seed, "timeline", group)
    slots = plan.recent_days * DAY // _SLOT
    end = draw.below(slots) * _SLOT + group * _STRIDE % _SLOT
    history = plan.history_days * DAY
    rests = max(exchanges - 1, 1)
    span = history if group == 0 else min(history, rests * (DAY + draw.below(4 * DAY)))
    return Timeline(end=end, exchanges=exchanges, stretch=span // rests)


def before(age: int) -> timedelta:
    """Return an age as what to take from as_of."""
    return timedelta(microseconds=age)
