"""The real trigger on a stream in memory, played by the models' scripts and told in the models' numbers."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from harness.streams.clock import SimulatedClock
from harness.streams.delivery.shard import ShardDelivery
from harness.streams.emulation import Emulation
from harness.streams.event import Source, to_lambda_record
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.invocation import Result
from harness.streams.journal import Discarded, Invoked
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.not_delivered import NotDelivered
from harness.streams.poller import Poller
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.stream_reader import StreamReader
from harness.streams.record import Record
from harness.streams.simulation.stream import SimulatedStream
from tests.unit.streams.model import Change, Fate, Script, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.streams.journal import Entry

#: Not on a whole minute: an instant that is may be one that an engine cut.
START = 1_800_000_007
PASSING = ('{"dynamodb": {"NewImage": {"kind": {"S": ["good"]}}}}', '{"eventName": ["MODIFY"]}')


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def mapping_of(given: Settings, **parameters: Any) -> EventSourceMapping:
    parameters = {
        "batch_size": given.batch_size,
        "parallelization_factor": given.lanes,
        "maximum_retry_attempts": given.retries,
        "maximum_record_age_in_seconds": given.age,
        "bisect_batch_on_function_error": given.bisect,
        "function_response_types": ("ReportBatchItemFailures",) if given.partial else (),
        "filter_patterns": PASSING,
    } | parameters
    return EventSourceMapping(
        uuid="one", event_source_arn="arn", function_name="scripted", starting_position="TRIM_HORIZON", **parameters
    )


def record_of(change: Change, padding: int) -> dict[str, Any]:
    """Return what a stream takes. Of those that pass, each filter lets some through."""
    keys = {"pk": {"S": f"item {change.item}"}}
    image = keys | {"kind": {"S": "good" if change.passes and change.item % 2 else "poor"}, "pad": {"S": "." * padding}}
    made_at = datetime.fromtimestamp(change.made_at, UTC)
    name = "MODIFY" if change.passes and not change.item % 2 else "INSERT"
    return {
        "eventName": name,
        "dynamodb": {"Keys": keys, "NewImage": image, "ApproximateCreationDateTime": made_at},
    }


def size_of(change: Change, padding: int) -> int:
    """Return the bytes that the record takes in an event."""
    stream = SimulatedStream(SimulatedClock(at=START))
    stream.put(record_of(change, padding))
    at = stream.get_shard_iterator(
        StreamArn=stream.arn, ShardId=stream.open_shards[0], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    (raw,) = stream.get_records(ShardIterator=at)["Records"]
    seen_at = datetime.fromtimestamp(START, UTC)
    return len(compact(to_lambda_record(raw, Source(arn=stream.arn), seen_at=seen_at)))


#: Of a record without padding; all of these are as long.
SMALL = size_of(Change(made_at=START), 0)


@cache
def lane_of(item: int, lanes: int) -> int:
    """Ask the harness into which lane it puts an item: AWS does not tell how it does it."""
    clock = SimulatedClock(at=START)
    stream = SimulatedStream(clock)
    stream.put(record_of(Change(made_at=START, item=item), 0))
    at = stream.get_shard_iterator(
        StreamArn=stream.arn, ShardId=stream.open_shards[0], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    (raw,) = stream.get_records(ShardIterator=at)["Records"]
    shown = to_lambda_record(raw, Source(arn=stream.arn), seen_at=datetime.fromtimestamp(START, UTC))
    delivery = ShardDelivery(
        mapping_of(Settings(lanes=lanes)), Emulation(), shard_id="one", passes=lambda _: True, opened_at=START
    )
    delivery.accept([Record.of("one", shown)], START)
    (invocation,) = delivery.decide(START).invocations
    return invocation.lane


@dataclass
class Scripted:
    """A function that answers as its script says, and takes its time."""

    script: Callable[[dict[str, Any], list[int]], tuple[Fate, list[int]]]
    clock: SimulatedClock
    numbers: dict[str, int]
    pace: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    name: str = "scripted"
    arn: str = "arn:aws:lambda:us-east-1:123456789012:function:scripted"
    version: str = "$LATEST"

    def invoke(self, event: dict[str, Any]) -> Result:
        self.events.append(event)
        assert len(self.events) < 1000, "no end of calls"
        texts = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        batch = [self.numbers[text] for text in texts]
        fate, guilty = self.script(event, batch)
        self.clock.at += self.pace
        called = f"call {len(self.events)}"
        if fate == "throttled":
            return Result(outcome="not_invoked", request_id=called, reason="Rate Exceeded.")
        if fate == "raises":
            return Result(outcome="function_error", request_id=called, error={"errorType": "KeyError"})
        answer: dict[str, Any] = {} if fate == "silent" else {"state": [*event.get("state", ()), *batch]}
        if guilty and fate != "silent":
            names = [""] if fate == "nonsense" else [text for text in texts if self.numbers[text] in guilty]
            answer["batchItemFailures"] = [{"itemIdentifier": name} for name in names]
        return Result(outcome="returned", request_id=called, response=answer)

    def close(self) -> None:
        """Nothing runs."""


class Real:
    """Stream, clock, checkpoints and poller. What it does is told in numbers from 1 on, in the order of the stream."""

    def __init__(self, mapping: EventSourceMapping, given: Settings, *, pace: int = 0) -> None:
        self.clock, self.numbers = SimulatedClock(at=START), dict[str, int]()
        self.stream, self.kept = SimulatedStream(self.clock), MemoryCheckpoints()
        self.entries: list[Entry] = []
        self.function = Scripted(lambda _event, _batch: ("fine", []), self.clock, self.numbers, pace)
        # A lane that is stuck must not end the others' delivery.
        emulation = Emulation(retry_cap=given.stuck_after, on_stuck="stop" if given.lanes == 1 else "retry")
        reader = StreamReader(
            self.stream,
            Source(arn=self.stream.arn),
            starting_position=mapping.starting_position,
            uuid=mapping.uuid,
            checkpoints=self.kept,
            emulation=emulation,
            clock=self.clock,
        )
        self.poller = Poller(
            mapping=mapping,
            function=self.function,
            reader=reader,
            destination=None,
            emulation=emulation,
            clock=self.clock,
            criteria=FilterCriteria.of(mapping.filter_patterns),
            watch=self.entries.append,
        )

    def put(self, number: int, change: Change, padding: int) -> None:
        self.numbers[self.stream.put(record_of(change, padding))] = number

    def plays(self, script: Script) -> None:
        self.function.script = lambda _, batch: script.answer(batch)

    def drain(self) -> bool:
        """Deliver all there is; return whether delivery ended at a batch that is stuck."""
        try:
            self.poller.drain()
        except NotDelivered:
            return True
        return False

    def drain_lanes(self) -> bool:
        """Deliver until there is nothing to do but call batches that are stuck; return whether there are any."""
        stuck, begin = set[int](), 0
        while self.poller.step() or self.poller.wait():
            fresh, begin = self.entries[begin:], len(self.entries)
            lanes = {entry.invocation.lane for entry in fresh if isinstance(entry, Invoked)}
            stuck |= {entry.invocation.lane for entry in fresh if isinstance(entry, Invoked) and entry.settled.stuck}
            if lanes and lanes <= stuck and not any(isinstance(entry, Discarded) for entry in fresh):
                break
        return bool(stuck)

    def numbered(self, records: tuple[Record, ...]) -> list[int]:
        return [self.numbers[record.sequence_number] for record in records]

    @property
    def discards(self) -> list[tuple[int, tuple[list[int], str, int]]]:
        """What was given up, after the lane that it was in."""
        found = [entry.discard for entry in self.entries if isinstance(entry, Discarded)]
        return [(each.lane, (self.numbered(each.records), each.condition, each.invokes)) for each in found]

    @property
    def checkpoint(self) -> int:
        (kept,) = self.kept.load("one", self.stream.arn).values() or (None,)
        return 0 if kept is None or kept.sequence_number is None else self.numbers[kept.sequence_number]


@contextmanager
def limited(*, event: int | None = None, state: int | None = None) -> Iterator[None]:
    """Let events, or states of windows, hold less than Lambda's megabytes: small records then do as well as large ones."""
    with pytest.MonkeyPatch.context() as patch:
        if event is not None:
            patch.setattr("harness.streams.delivery.batching.EVENT_LIMIT", event)
            patch.setattr("harness.streams.delivery.lane.EVENT_LIMIT", event)
        if state is not None:
            patch.setattr("harness.streams.delivery.window.STATE_LIMIT", state)
            patch.setattr("harness.streams.delivery.lane.STATE_LIMIT", state)
        yield
