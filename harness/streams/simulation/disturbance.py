"""What a stream's reader must stand: records again, late, and out of the order of the writes.

Every function takes records (ours, or in boto3's or Lambda's shape) and returns them in another order or more than
once; chance comes from the generator that it is given, and none is drawn where there is nothing to disturb. None adds,
drops or changes a record: a repeated one is the same record, with the same eventID and the same sequence number.

Unless it is said otherwise, the records of one item keep their order, and a repeated one comes before the item's next
change: a reader that goes by the order of each item is right to do so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from harness.streams.simulation.records import item_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from harness.streams.emulation import Emulation
    from harness.streams.record import Record

T = TypeVar("T", bound="Record | Mapping[str, Any]")

#: How far from its place a record gets, in records.
REACH = 8
_THOUSAND = 1000


def disturb(records: Sequence[Record], emulation: Emulation, random: Random) -> tuple[Record, ...]:
    """Return what is read from a shard in one go as the emulation wants it to arrive.

    All of it stays within these records, but not in the order of their sequence numbers: what is done up to a number
    can only be said once all records before it are done as well.
    """
    scattered = scatter(records, random) if emulation.scatter_transactions else tuple(records)
    return repeat(scattered, random, rate=emulation.duplicate_rate)


def scatter(records: Sequence[T], random: Random) -> tuple[T, ...]:
    """Mix neighbours as AWS may do, also those of one transaction."""
    left, scattered = list(records), []
    while left:
        nearest: dict[str, int] = {}
        for place, record in enumerate(left[:REACH]):
            nearest.setdefault(item_of(record), place)
        scattered.append(left.pop(random.choice(tuple(nearest.values()))))
    return tuple(scattered)


def repeat(records: Sequence[T], random: Random, *, rate: int) -> tuple[T, ...]:
    """Let so many of a thousand come a second time, at once or a few records later."""
    behind: dict[int, list[T]] = {}
    for place, record in enumerate(records):
        if rate and random.randrange(_THOUSAND) < rate:
            behind.setdefault(random.randint(place, _last(records, place)), []).append(record)
    return tuple(each for place, record in enumerate(records) for each in (record, *behind.get(place, ())))


def redeliver(records: Sequence[T], *, every: int) -> tuple[T, ...]:
    """Let each run of `every` records come twice, as batches do whose success got lost: 1 2 3 1 2 3 4 5 6 4 5 6.

    Here an old change of an item does come after a newer one, and the newer one once more after that.
    """
    runs = (tuple(records[start : start + every]) for start in range(0, len(records), every))
    return tuple(record for run in runs for record in run + run)


def delay(records: Sequence[T], random: Random, *, rate: int, keep_item_order: bool = True) -> tuple[T, ...]:
    """Let so many of a thousand come late, behind some of those that were written after them.

    Without `keep_item_order` also behind later changes of the same item, which DynamoDB never does: for a handler that
    claims to stand it.
    """
    behind: dict[int, list[T]] = {}
    late = set()
    for place, record in enumerate(records):
        farthest = _last(records, place) if keep_item_order else min(place + REACH, len(records) - 1)
        if rate and random.randrange(_THOUSAND) < rate and farthest > place:
            late.add(place)
            behind.setdefault(random.randint(place + 1, farthest), []).append(record)
    return tuple(
        each
        for place, record in enumerate(records)
        for each in (*(() if place in late else (record,)), *behind.get(place, ()))
    )


def _last(records: Sequence[T], place: int) -> int:
    """Return the last place within reach before the next change of the item at `place`."""
    item = item_of(records[place])
    for later in range(place + 1, min(place + REACH + 1, len(records))):
        if item_of(records[later]) == item:
            return later - 1
    return min(place + REACH, len(records) - 1)
