"""Which numbers, and so which access keys, an owner's namespaces get. Pure.

A fresh key is best: whatever still knows an earlier test's can't reach a later one's tables. But DynamoDB Local never
gives back what a key took (1.9 MB of heap and a thread, measured; 1,300 keys made it fail), and lists the streams of
deleted tables, as AWS does for a day. There only so many keys are begun, and then the one that rested longest is taken.
"""

from __future__ import annotations

from collections import deque

from harness.namespaces.namespace import NUMBERS

#: How many keys a process begins at DynamoDB Local, unless it has more namespaces at one time.
FEW = 100


class Numbers:
    """Gives numbers that nobody has."""

    def __init__(self, *, limit: int = NUMBERS) -> None:
        #: How many are begun for the sake of freshness.
        self.limit = limit
        self._begun = 0
        self._rested: deque[int] = deque()

    def take(self) -> int | None:
        """Return a fresh number, else the one that was given back first, or None when all are taken."""
        if self._begun < (self.limit if self._rested else NUMBERS):
            self._begun += 1
            return self._begun - 1
        return self._rested.popleft() if self._rested else None

    def give_back(self, number: int) -> None:
        """Let others have a number, later."""
        self._rested.append(number)
