"""The poller: reads a stream for one mapping and hands it, batch by batch, to the function.

What is due, the shards' `ShardDelivery` says; this shell reads, invokes, tells the destination and keeps checkpoints.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from harness.streams import not_delivered
from harness.streams.delivery.shard import Place, ShardDelivery
from harness.streams.destination.giving_up import Discards
from harness.streams.generations import Generations
from harness.streams.journal import Cautioned, Checkpointed, Delivery, Discarded, Entry, Filtered, Invoked
from harness.streams.metrics import Metrics
from harness.streams.reading.position import Checkpoint
from harness.streams.reading.shard_reader import LARGEST_PAGE
from harness.streams.simulation.disturbance import disturb
from harness.streams.workers import Inline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future

    from harness.streams.caution import Caution
    from harness.streams.clock import Clock
    from harness.streams.delivery.decision import Discard
    from harness.streams.destination.base import Destination
    from harness.streams.emulation import Emulation
    from harness.streams.filters.criteria import FilterCriteria
    from harness.streams.invocation import Function, Invocation, Result
    from harness.streams.mapping.model import EventSourceMapping
    from harness.streams.reading.shard_reader import ShardReader
    from harness.streams.reading.stream_reader import StreamReader
    from harness.streams.record import Record

#: Seconds after which an answer is looked for again.
_ANSWER_AT_LAST = 3600.0


@dataclass(slots=True)
class _Shard:
    reader: ShardReader
    delivery: ShardDelivery
    saved: Place
    next_at: float | None = None


@dataclass(kw_only=True)
class Poller:
    """Delivers one stream to one function: each record at least once, the records of an item in their order."""

    mapping: EventSourceMapping
    function: Function
    reader: StreamReader
    #: None where nobody is told of what is discarded.
    destination: Destination | None
    emulation: Emulation
    clock: Clock
    criteria: FilterCriteria
    #: Name of the table's partition key, which `virtual_shards` go by.
    partition_key: str | None = None
    #: Where the function is called; with several lanes, several calls at a time.
    workers: Executor = field(default_factory=Inline)
    #: Is told everything as it happens.
    watch: Callable[[Entry], object] = lambda _: None
    metrics: Metrics = field(default_factory=Metrics)
    random: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - disturbs tests, keeps no secret
    _shards: dict[str, _Shard] = field(default_factory=dict)
    _flying: dict[Future[Result], tuple[_Shard, Invocation]] = field(default_factory=dict)
    _generations: Generations = field(default_factory=Generations)
    _entries: list[Entry] = field(default_factory=list)
    _handled: int = 0

    def poll_once(self) -> Delivery:
        """Look once at every shard, act on what is due, and come back when every call has."""
        self.step()
        while self._flying:
            self.clock.wait(1.0, self._flying)
            self._collect()
        return self.take()

    def drain(self, *, at_most: int = 100_000) -> Delivery:
        """Deliver until everything written so far is handled or discarded, and what the function itself wrote.

        Windows and back-offs are waited out by the clock. Raises NotDelivered when a batch is stuck, when the
        function's own writes trigger it without end, or when there is no end after `at_most` records.
        """
        enough = self._handled + at_most
        while self.step() or self.wait():
            if self._handled > enough:
                raise not_delivered.endless(self.function.name, self._handled)
        return self.take()

    def step(self) -> bool:
        """Settle what came back, read, start what is due. Return whether there was anything to do."""
        busy = self._collect()
        held_up = False
        for shard in self._open_shards():
            held_up |= not shard.reader.exhausted and not shard.delivery.wants
            busy |= self._read(shard)
            busy |= self._act(shard)
        if not (busy or held_up or self._flying):
            # All that the function's own writes made has been read by now.
            self._generations.caught_up()
        return busy

    def wait(self) -> bool:
        """Wait for what comes by itself: an answer, the end of a window or a back-off. False where nothing will."""
        due = self._next_at()
        if due is None and not self._flying:
            return False
        self.clock.wait(_ANSWER_AT_LAST if due is None else max(due - self.clock.now(), 0.0), self._flying)
        return True

    def rest(self, seconds: float) -> None:
        """Wait so long, or less when something comes by itself before."""
        due = self._next_at()
        pause = seconds if due is None else min(seconds, due - self.clock.now())
        self.clock.wait(max(pause, 0.0), self._flying)

    def renew(self) -> None:
        """Let a changed mapping apply from the checkpoints on; what is under way comes again."""
        self._shards.clear()
        self._flying.clear()
        self.reader.rewind()

    def take(self) -> Delivery:
        """Return what happened since the last time."""
        entries, self._entries = self._entries, []
        return Delivery.of(entries)

    def _next_at(self) -> float | None:
        return min((shard.next_at for shard in self._shards.values() if shard.next_at is not None), default=None)

    def _open_shards(self) -> list[_Shard]:
        for reader in self.reader.shards() if self.mapping.enabled else ():
            if reader.shard_id not in self._shards:
                delivery = ShardDelivery(
                    self.mapping,
                    self.emulation,
                    shard_id=reader.shard_id,
                    passes=self.criteria.matches,
                    opened_at=self.clock.now(),
                    partition_key=self.partition_key,
                    windows=self.reader.windows(reader.shard_id),
                )
                self._shards[reader.shard_id] = _Shard(reader, delivery, delivery.place())
        return list(self._shards.values())

    def _read(self, shard: _Shard) -> bool:
        busy, full = False, True
        while full and not shard.reader.exhausted and (wanted := shard.delivery.wants):
            page = self.reader.read(shard.reader, wanted)
            busy |= bool(page.records) or page.exhausted
            for caution in page.cautions:
                self._caution(caution)
            records = self._arriving(page.records)
            out = shard.delivery.accept(records, self.clock.now())
            # More of the same batch may wait behind it.
            full = len(page.records) >= min(wanted, LARGEST_PAGE) and len(out) < len(records)
            self.metrics.polled(len(records), filtered_out=len(out))
            if out:
                self._note(Filtered(shard_id=shard.reader.shard_id, records=out))
            if page.exhausted:
                shard.delivery.finish(self.clock.now())
        return busy

    def _act(self, shard: _Shard) -> bool:
        decisions = shard.delivery.decide(self.clock.now())
        shard.next_at = decisions.next_at
        for caution in decisions.cautions:
            self._caution(caution)
        for discard in decisions.discards:
            self._discard(shard, discard)
        for invocation in decisions.invocations:
            event = invocation.event(self.mapping.event_source_arn)
            self._flying[self.workers.submit(self.function.invoke, event)] = (shard, invocation)
        self._save(shard)
        return bool(decisions.discards or decisions.invocations)

    def _collect(self) -> bool:
        done = [future for future in self._flying if future.done()]
        for future in done:
            shard, invocation = self._flying.pop(future)
            self._settle(shard, invocation, future.result())
        return bool(done)

    def _settle(self, shard: _Shard, invocation: Invocation, result: Result) -> None:
        now = self.clock.now()
        settled = shard.delivery.settle(invocation, result, now)
        self._handled += len(settled.handled)
        lag = round(1000 * (now - invocation.records[-1].created_at)) if invocation.records else 0
        self._note(Invoked(invocation=invocation, result=result, settled=settled, lag=max(lag, 0)))
        self.metrics.invoked(invocation, result, settled, now=now)
        for caution in settled.cautions:
            self._caution(caution)
        generation = max((record.generation for record in invocation.records), default=0)
        self._generations.wrote(self.reader.source.arn, result.calls, generation)
        self._save(shard)
        if settled.stuck and self.emulation.on_stuck == "stop":
            raise not_delivered.stuck(self.function.name, invocation, result)

    def _discard(self, shard: _Shard, discard: Discard) -> None:
        way = Discards(
            function=self.function,
            stream_arn=self.mapping.event_source_arn,
            destination=self.destination,
            metrics=self.metrics,
        )
        self._note(Discarded(discard=discard, given_up=way.give_up(discard, now=self.clock.now())))
        # Told first, passed after: a crash between the two tells twice, and loses nothing.
        shard.delivery.drop(discard, self.clock.now())

    def _save(self, shard: _Shard) -> None:
        """Keep how far the shard is done, and its windows; its children may be read once all of it is."""
        shard_id, place, before = shard.reader.shard_id, shard.delivery.place(), shard.saved
        if place != before:
            self.reader.passed(shard_id, place.sequence_number, windows=place.windows)
            shard.saved = place
        passed = place.sequence_number
        if passed != before.sequence_number:
            self._note(Checkpointed(shard_id=shard_id, checkpoint=Checkpoint(sequence_number=passed)))
        if shard.delivery.done:
            del self._shards[shard_id]
            self.reader.finished(shard_id)
            self._note(Checkpointed(shard_id=shard_id, checkpoint=Checkpoint(sequence_number=passed, finished=True)))

    def _arriving(self, records: Sequence[Record]) -> tuple[Record, ...]:
        """Return what was read in the order and number in which the emulation lets it arrive, with its generation."""
        known = [
            replace(record, generation=self._generations.of(record.data["dynamodb"]["Keys"])) for record in records
        ]
        deepest = max((record.generation for record in known), default=0)
        if deepest > self.emulation.generation_limit:
            raise not_delivered.loops(self.function.name, deepest, self._generations.chain())
        return disturb(known, self.emulation, self.random)

    def _caution(self, caution: Caution) -> None:
        self._note(Cautioned(caution=caution))

    def _note(self, entry: Entry) -> None:
        self._entries.append(entry)
        self.watch(entry)
