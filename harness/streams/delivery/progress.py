"""How far a shard has come: the checkpoint, while its lanes finish out of order."""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.streams.record import Record

_NOWHERE = (-1, "")
#: Finished records that the heap may hold besides as many as are unfinished.
_SLACK = 1000


class Progress:
    """Which records are unfinished. The checkpoint is the record that was read just before the lowest of them."""

    def __init__(self) -> None:
        #: By position; more than once where a record was read twice.
        self._unfinished: Counter[int] = Counter()
        #: Position, and the position and sequence number before it. Holds finished ones too, until they come up.
        self._heap: list[tuple[int, tuple[int, str]]] = []
        self._read_to = _NOWHERE
        self._reached = _NOWHERE
        #: The highest position that the state of a tumbling window includes.
        self._included = -1

    @property
    def level(self) -> bool:
        """Whether no window's state includes what the checkpoint leaves open, so that both may be kept together.

        It is always so where one lane handles records in their order; several lanes run ahead of one another.
        """
        return self._included <= self._reached[0]

    @property
    def checkpoint(self) -> str | None:
        """Sequence number up to which everything that was read is done with. Never goes back."""
        return self._reached[1] or None

    @property
    def complete(self) -> bool:
        """Whether nothing is unfinished."""
        return not self._unfinished

    def read(self, records: Iterable[Record]) -> None:
        """Note what was read at once, in any order."""
        for record in sorted(records, key=attrgetter("position")):
            late = record.position <= self._read_to[0]
            # What came before a late record is not known any more: while it is the lowest, the checkpoint stays.
            heappush(self._heap, (record.position, _NOWHERE if late else self._read_to))
            self._unfinished[record.position] += 1
            if not late:
                self._read_to = (record.position, record.sequence_number)

    def included(self, records: Iterable[Record]) -> None:
        """Note that records are handled, and that the state of a window has them in it."""
        records = tuple(records)
        self._included = max((self._included, *(record.position for record in records)))
        self.passed(records)

    def passed(self, records: Iterable[Record]) -> None:
        """Note that records are handled, discarded or filtered out."""
        for record in records:
            self._unfinished[record.position] -= 1
            if not self._unfinished[record.position]:
                del self._unfinished[record.position]
        while self._heap and self._heap[0][0] not in self._unfinished:
            heappop(self._heap)
        self._reached = max(self._reached, self._heap[0][1] if self._heap else self._read_to)
        if len(self._heap) > 2 * len(self._unfinished) + _SLACK:
            # A record that blocks its lane for hours must not make us remember all that other lanes did meanwhile.
            self._heap = [entry for entry in self._heap if entry[0] in self._unfinished]
            heapify(self._heap)
