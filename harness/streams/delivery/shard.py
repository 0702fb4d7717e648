"""One shard of a stream on its way to the function: its lanes, and how far they have come together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from harness.errors import UsageError
from harness.streams.delivery.decision import Decisions
from harness.streams.delivery.lane import Lane
from harness.streams.delivery.progress import Progress
from harness.streams.delivery.window import Reading, with_endings
from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from harness.streams.delivery.decision import Discard, Settled
    from harness.streams.delivery.window import LaneWindows
    from harness.streams.emulation import Emulation
    from harness.streams.invocation import Invocation, Result
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.record import Record

#: What may wait in memory, times the number of lanes: a lane that is held up must leave room for what others need.
_RECORDS_AHEAD = 20_000
_BYTES_AHEAD = 64 * 1024 * 1024
#: Records that are worth a look at the stream, however small the batches are.
_PAGE = 1000
#: Taken for a record's size before the first was seen: two images of the largest item.
_LARGE = 2 * 400 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is kept of a shard for a restart. Its parts belong together: the state includes what was passed, no more."""

    #: As `ShardDelivery.checkpoint`.
    sequence_number: str | None = None
    #: Of the lanes that have any, in their order.
    windows: tuple[LaneWindows, ...] = ()


class ShardDelivery:
    """Takes a shard's records and says what is due: it neither reads nor calls, and knows no time but what it is told.

    Order is kept per item: an item's records go through one lane. There are `ParallelizationFactor` lanes, times
    `virtual_shards`. `partition_key` names the table's HASH attribute, by which AWS spreads items over shards; without
    it virtual shards go by the whole key, and then items of one partition have no common order.
    """

    def __init__(  # noqa: PLR0913 - all of it is asked of the caller by name
        self,
        mapping: EventSourceMapping,
        emulation: Emulation,
        *,
        shard_id: str,
        passes: Callable[[Mapping[str, Any]], bool],
        opened_at: float,
        partition_key: str | None = None,
        windows: Iterable[LaneWindows] = (),
    ) -> None:
        """Begin, or go on with the windows of a `Place` whose records are not accepted again."""
        self._passes, self._partition_key = passes, partition_key
        self._virtual_shards, self._per_shard = emulation.virtual_shards, mapping.parallelization_factor
        # One that is disabled wants nothing, and goes on where it was once it is enabled.
        self._page = max(mapping.batch_size, _PAGE) if mapping.enabled else 0
        self._reading, self._progress = Reading(), Progress()
        kept = {each.lane: each for each in windows}
        self._lanes = tuple(
            Lane(
                number,
                mapping,
                emulation,
                shard_id=shard_id,
                reading=self._reading,
                progress=self._progress,
                opened_at=opened_at,
                kept=kept.pop(number, None),
            )
            for number in range(self._virtual_shards * self._per_shard)
        )
        if homeless := [each.lane for each in kept.values() if each.open]:
            raise _lanes_are_missing(shard_id, homeless, len(self._lanes))
        self._place = Place()
        self._records_read, self._bytes_read = 0, 0

    def accept(self, records: Sequence[Record], now: float) -> tuple[Record, ...]:
        """Take what a look at the stream gave, in its order, and return what no filter lets through.

        An empty page is worth telling too: it says that a tumbling window whose time is over has all its records.
        """
        self._reading.saw(max((record.created_at for record in records), default=None), now)
        self._progress.read(records)
        filtered = []
        for record in records:
            self._bytes_read += record.size
            if self._passes(record.data):
                self._lanes[self._lane_of(record)].add(record)
            else:
                filtered.append(record)
        self._records_read += len(records)
        self._progress.passed(filtered)
        return tuple(filtered)

    def finish(self, now: float) -> None:  # noqa: ARG002 - like its siblings
        """Note that the shard is closed and wholly read: nothing waits for more records, no window stays open."""
        self._reading.finished = True

    def decide(self, now: float) -> Decisions:
        """Return what is due: what was handed out once is not handed out again."""
        lanes = [lane.decide(now) for lane in self._lanes]
        return Decisions(
            invocations=tuple(invocation for lane in lanes for invocation in lane.invocations),
            discards=tuple(discard for lane in lanes for discard in lane.discards),
            next_at=min((lane.next_at for lane in lanes if lane.next_at is not None), default=None),
            cautions=tuple(caution for lane in lanes for caution in lane.cautions),
        )

    def settle(self, invocation: Invocation, result: Result, now: float) -> Settled:
        """Take the result of an invocation that `decide` handed out."""
        return self._lanes[invocation.lane].settle(invocation, result, now)

    def drop(self, discard: Discard, now: float) -> None:  # noqa: ARG002 - like its siblings
        """Pass discarded records, after the destination was told of them, or could not be."""
        self._progress.passed(discard.records)

    @property
    def wants(self) -> int:
        """How many more records it can take now; 0 while it has enough, or can't get on.

        A lane with less than a batch asks for more, whatever waits in the others, until memory is full.
        """
        if self._reading.finished or not any(lane.hungry for lane in self._lanes):
            return 0
        room = _RECORDS_AHEAD * len(self._lanes) - sum(lane.waiting for lane in self._lanes)
        bytes_left = _BYTES_AHEAD * len(self._lanes) - sum(lane.waiting_bytes for lane in self._lanes)
        average = self._bytes_read // self._records_read if self._records_read else _LARGE
        return max(0, min(self._page, room, bytes_left // max(average, 1)))

    @property
    def checkpoint(self) -> str | None:
        """Sequence number up to which all records are handled, discarded or filtered out; None where none is yet."""
        return self._progress.checkpoint

    def place(self) -> Place:
        """Return what to keep now; an earlier place while lanes with windows have run ahead of one another.

        What was tried to end a window is of now also then: a lane that is held up by it may be so for long.
        """
        windows = tuple(each for lane in self._lanes if (each := lane.windows))
        if self._progress.level:
            self._place = Place(sequence_number=self.checkpoint, windows=windows)
        else:
            self._place = replace(self._place, windows=with_endings(self._place.windows, windows))
        return self._place

    @property
    def idle(self) -> bool:
        """Whether nothing waits, is in flight or undelivered, and no tumbling window has state."""
        return self._progress.complete and all(lane.idle for lane in self._lanes)

    @property
    def done(self) -> bool:
        """Whether the shard is closed and nothing of it is left: its children may begin."""
        return self._reading.finished and self.idle

    def _lane_of(self, record: Record) -> int:
        if len(self._lanes) == 1:
            return 0
        keys = record.data["dynamodb"]["Keys"]
        partition = compact(keys[self._partition_key]) if self._partition_key in keys else record.item
        shard = crc32(partition.encode()) % self._virtual_shards
        # Divided first: where both hashes are of the same text, the two remainders must not go together.
        within = crc32(record.item.encode()) // self._virtual_shards % self._per_shard
        return shard * self._per_shard + within


def _lanes_are_missing(shard_id: str, homeless: Sequence[int], lanes: int) -> UsageError:
    numbers = ", ".join(map(str, homeless))
    return UsageError(
        f"{shard_id}: a tumbling window is open in lane {numbers}, counted from 0, and now there are {lanes} lanes",
        hint=f"--emulate virtual_shards={max(homeless) + 1}, as before; or --from-start, which forgets the window",
    )
