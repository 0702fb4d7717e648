"""Which numbers an owner's namespaces get: few, used again and again. Pure.

DynamoDB Local never gives back what an access key took (1.9 MB and a thread, measured), so keys are used again. But in
one of its databases every stream record there ever was makes later writes slower, so a key rests after some uses, as
long as there are not too many.
"""

from __future__ import annotations

import heapq

from harness.namespaces.namespace import NUMBERS

#: How many namespaces, one after another, have a number before a fresh one is preferred to it.
USES = 25
#: So many numbers are begun for the sake of freshness; more only when that many are taken at once.
FRESH = 200


class Numbers:
    """Gives numbers that nobody has."""

    def __init__(self, *, uses: int = USES, fresh: int = FRESH, numbers: int = NUMBERS) -> None:
        self._uses, self._fresh, self._numbers = uses, fresh, numbers
        self._begun = 0
        #: (how often it was worn out, number)
        self._free: list[tuple[int, int]] = []
        self._used: dict[int, int] = {}

    def take(self) -> int | None:
        """Return the lowest of the least worn numbers, or None when all are taken."""
        worn = self._free[0][0] if self._free else None
        limit = self._numbers if worn is None else self._fresh
        if worn == 0 or self._begun >= limit:
            return heapq.heappop(self._free)[1] if self._free else None
        self._begun += 1
        return self._begun - 1

    def give_back(self, number: int) -> None:
        """Let others have a number."""
        self._used[number] = used = self._used.get(number, 0) + 1
        heapq.heappush(self._free, (used // self._uses, number))
