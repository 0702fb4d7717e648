"""Reads a stream for one mapping: which shards, from where, and what is done with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.stores.streams_api import StreamGone
from harness.streams.caution import Caution
from harness.streams.reading.forest import Forest, describe
from harness.streams.reading.position import Checkpoint
from harness.streams.reading.shard_reader import Page, ShardReader

if TYPE_CHECKING:
    from harness.stores.streams_api import StreamsApi
    from harness.streams.clock import Clock
    from harness.streams.delivery.window import LaneWindows
    from harness.streams.emulation import Emulation
    from harness.streams.event import Source
    from harness.streams.mapping.model import StartingPosition
    from harness.streams.reading.forest import Shard
    from harness.streams.reading.position import Checkpoints

#: Seconds between two looks at the list of shards. A child is found when its parent is done, without waiting for this.
LOOK_EVERY = 10.0
#: The same while nothing is left to read and the stream is on: a child must come.
LOOK_FOR_CHILD = 1.0


class StreamReader:
    """A mapping's place in its stream. One thread at a time may use it.

    `attach`, then again and again `shards`, `read` each of them, `passed` for what is done with, `finished` for a
    shard that is exhausted and all done. Each may raise Unreachable and be called again.
    """

    def __init__(  # noqa: PLR0913 - what a mapping's reading is made of
        self,
        api: StreamsApi,
        source: Source,
        *,
        starting_position: StartingPosition,
        uuid: str,
        checkpoints: Checkpoints,
        emulation: Emulation,
        clock: Clock,
    ) -> None:
        """Load the checkpoints; raises what they raise when they are another process's, or corrupt."""
        self.source = source
        #: CREATING until it is attached, then the stream's: ENABLED, DISABLING, DISABLED, or GONE when nobody knows it.
        self.status = "CREATING"
        self._api, self._emulation, self._clock = api, emulation, clock
        self._uuid, self._checkpoints = uuid, checkpoints
        self._known = checkpoints.load(uuid, source.arn)
        self._begun = starting_position == "TRIM_HORIZON" or bool(self._known)
        self._sees_from = clock.now() + (0.0 if self._begun else emulation.slow_start)
        self._forest = Forest()
        self._readers: dict[str, ShardReader] = {}
        self._look_at = self._sees_from

    def attach(self) -> None:
        """Fix where a mapping that is new begins: with LATEST, every later write is delivered, also after a crash.

        For that the last record of each open shard is looked up, by reading the shard through once (the API has no
        other way), and kept. What is closed by now counts as done. With `slow_start` this happens so much later.
        """
        if self.status == "CREATING" and self._clock.now() >= self._look_at:
            self._look()

    def shards(self) -> tuple[ShardReader, ...]:
        """Return the readers of the shards that may be read now: not finished, and their parents are.

        None while the mapping is being created, and none once the stream is gone; it stays attached and quiet.
        """
        if self._clock.now() >= self._look_at:
            self._look()
        return tuple(self._reader(shard) for shard in self._forest.ready(self._finished()))

    def read(self, reader: ShardReader, limit: int) -> Page:
        """Return what comes next in a shard; nothing from a stream that is gone, and without asking each time."""
        if self.status == "GONE":
            return Page()
        try:
            return reader.read(limit)
        except StreamGone:
            self._look()
        if self.status == "GONE" or reader.shard_id in self._forest:
            return Page()
        reader.end()
        text = f"{reader.shard_id} was trimmed away, 24 hours after it was closed, before it was read to its end"
        return Page(exhausted=True, cautions=(Caution(code="records-trimmed", text=text),))

    def rewind(self) -> None:
        """Read on from the checkpoints: what was read and is not done comes again."""
        self._readers.clear()

    def windows(self, shard_id: str) -> tuple[LaneWindows, ...]:
        """Return the tumbling windows as they were kept with the place where reading begins."""
        return self._known.get(shard_id, Checkpoint()).windows

    def passed(self, shard_id: str, sequence_number: str | None, *, windows: tuple[LaneWindows, ...] = ()) -> None:
        """Keep that everything up to this record is handled, discarded or filtered out, with the windows there.

        None says that nothing was passed since reading began, and only the windows changed.
        """
        known = self._known.get(shard_id, Checkpoint())
        self._save(shard_id, Checkpoint(sequence_number=sequence_number or known.sequence_number, windows=windows))

    def finished(self, shard_id: str) -> None:
        """Keep that a shard is exhausted and all of it done, and look for its children."""
        self._save(shard_id, replace(self._known.get(shard_id, Checkpoint()), finished=True, windows=()))
        self._readers.pop(shard_id, None)
        self._look_at = self._clock.now()

    def _save(self, shard_id: str, checkpoint: Checkpoint) -> None:
        self._checkpoints.save(self._uuid, self.source.arn, shard_id, checkpoint)
        self._known[shard_id] = checkpoint

    def _finished(self) -> set[str]:
        return {shard_id for shard_id, checkpoint in self._known.items() if checkpoint.finished}

    def _look(self) -> None:
        """Ask for the shards, and begin where that has not been done."""
        try:
            status, forest = describe(self._api, self.source.arn)
            if not self._begun:
                self._begin(forest)
        except StreamGone:
            status, forest = "GONE", Forest()
        self.status, self._forest = status, forest
        nothing = not forest.ready(self._finished())
        self._look_at = self._clock.now() + (LOOK_FOR_CHILD if nothing and status == "ENABLED" else LOOK_EVERY)

    def _begin(self, forest: Forest) -> None:
        """Begin at LATEST. Until all of it is saved, it has not happened."""
        places: dict[str, Checkpoint] = {}
        for shard in forest.shards:
            last = None if shard.closed else self._reader(shard).skip_to_end()
            places[shard.shard_id] = Checkpoint(sequence_number=last, finished=shard.closed)
        self._checkpoints.begin(self._uuid, self.source.arn, places)
        self._known = places
        self._begun = True

    def _reader(self, shard: Shard) -> ShardReader:
        """Return the shard's reader. A shard without checkpoint is read from its oldest record, whatever the mapping says.

        It came after the mapping, as a child of one that was read: starting anywhere else would lose its first records.
        """
        if shard.shard_id not in self._readers:
            known = self._known.get(shard.shard_id, Checkpoint())
            self._readers[shard.shard_id] = ShardReader(
                self._api,
                self.source,
                shard,
                after=known.sequence_number,
                emulation=self._emulation,
                clock=self._clock,
            )
        return self._readers[shard.shard_id]
