"""Which records a function's own writes made, and how many rounds of that there have been.

A stream does not tell who wrote. What can be known: which items an invocation wrote, and which records came after that.
A write that changed nothing makes no record, so what is remembered of it has to be forgotten at some point: when a record
of the item comes, when the stream has been read to its end, or when too much is remembered.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.record import compact
from harness.streams.writes import Write, plain_key, writes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.streams.invocation import AwsCall

#: Stands for the key of a write that does not say which items it is about.
_SOME_ITEM = "?"


@dataclass(slots=True, kw_only=True)
class _Expected:
    """Records that may still come of an item."""

    generation: int
    records: int
    operation: str


@dataclass(slots=True, kw_only=True)
class _Seen:
    """Records of a generation, and the last of them."""

    records: int
    item: str
    operation: str


class Generations:
    """Remembers the writes to one table, at most `limit` items at a time.

    Somebody else's write to an item that a record of the function's own is still expected of takes that one's place: a
    generation may be told too high where others keep writing the same items, and there was no `caught_up` in between.
    """

    def __init__(self, *, limit: int = 10_000) -> None:
        self._limit = limit
        self._new: deque[tuple[Write, int]] = deque(maxlen=limit)
        self._expected: OrderedDict[str, _Expected] = OrderedDict()
        self._seen: dict[int, _Seen] = {}

    def wrote(self, table: str, calls: Iterable[AwsCall], generation: int) -> None:
        """Remember what an invocation of this generation (the highest of its records') wrote to the table.

        `table` is a name or an ARN, a stream's too. To be told before the stream is read again, also when the function
        failed in the end.
        """
        self._new.extend((write, generation + 1) for call in calls for write in writes_of(call, table))

    def of(self, keys: Mapping[str, Any]) -> int:
        """Return the generation of a record that was just read; 0 where nobody here is known to have written it.

        `keys` are the record's `Keys`. Each write accounts for one record at most; of several that may be meant, the
        highest generation is taken.
        """
        self._sort_in(keys)
        item = compact(plain_key(keys), sort_keys=True)
        place = item if item in self._expected else _SOME_ITEM
        found = self._expected.get(place)
        if found is None:
            self._note(0, item, "not written by the function")
            return 0
        found.records -= 1
        if not found.records:
            del self._expected[place]
        self._note(found.generation, item, found.operation)
        return found.generation

    def caught_up(self) -> None:
        """Forget the writes: a look at every shard that began after the last of them has found nothing more."""
        self._new.clear()
        self._expected.clear()

    def chain(self) -> tuple[str, ...]:
        """Return a line for each generation so far, the outside's first."""
        return tuple(
            f"generation {number}: {seen.records} record{'s' if seen.records > 1 else ''}, last {seen.item} "
            f"({seen.operation})"
            for number, seen in sorted(self._seen.items())
        )

    def _sort_in(self, keys: Mapping[str, Any]) -> None:
        """File the new writes under their keys; which attributes those are, only a record tells."""
        while self._new:
            write, generation = self._new.popleft()
            known = write.attributes.keys() >= keys.keys()
            key = {name: write.attributes[name] for name in keys} if known else None
            item = _SOME_ITEM if key is None else compact(plain_key(key), sort_keys=True)
            before = self._expected.pop(item, None)
            self._expected[item] = _Expected(
                generation=max(generation, before.generation if before else 0),
                records=1 + (before.records if before else 0),
                operation=write.operation,
            )
            if len(self._expected) > self._limit:
                self._expected.popitem(last=False)

    def _note(self, generation: int, item: str, operation: str) -> None:
        before = self._seen.get(generation)
        self._seen[generation] = _Seen(records=1 + (before.records if before else 0), item=item, operation=operation)
