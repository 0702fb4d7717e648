"""What holds for every mapping, whatever the function answers and in whatever order the answers come."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.streams.delivery.shard import ShardDelivery
from harness.streams.delivery.window import window_of
from harness.streams.emulation import Emulation
from tests.unit.streams.delivery.play import error, mapping, record, reported, returned, throttled

if TYPE_CHECKING:
    from harness.streams.delivery.decision import Discard, Settled
    from harness.streams.invocation import Invocation, Result
    from harness.streams.record import Record


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    window = draw(st.sampled_from([0, 0, 10]))
    return {
        "batch_size": draw(st.integers(1, 6)),
        "maximum_batching_window_in_seconds": draw(st.sampled_from([0, 0, 5])),
        "tumbling_window_in_seconds": window,
        "parallelization_factor": 1 if window else draw(st.integers(1, 3)),
        "maximum_retry_attempts": draw(st.sampled_from([-1, 0, 1, 2])),
        "maximum_record_age_in_seconds": draw(st.sampled_from([-1, -1, 60])),
        "bisect_batch_on_function_error": draw(st.booleans()),
        "reporting": draw(st.booleans()),
    }


@dataclass
class World:
    """Reads in pages, calls in any order, and takes note of who has which record."""

    data: st.DataObject
    options: dict[str, Any]
    virtual_shards: int
    now: float = 100.0
    calls_left: int = 40
    flying: list[Invocation] = field(default_factory=list)
    ends: list[tuple[str, Record]] = field(default_factory=list)
    attempts: Counter[tuple[int, tuple[int, ...]]] = field(default_factory=Counter)
    checkpoints: list[int] = field(default_factory=list)
    accepted: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mapping = mapping(**self.options)
        self.shard = ShardDelivery(
            self.mapping,
            Emulation(virtual_shards=self.virtual_shards, time_scale=1.0),
            shard_id="s",
            passes=lambda data: int(data["dynamodb"]["SequenceNumber"]) % 7 != 0,
            opened_at=self.now,
            partition_key="pk",
        )

    def accept(self, page: list[Record]) -> None:
        self.accepted += page
        self.ends += [("filtered", each) for each in self.shard.accept(page, self.now)]
        self.check_checkpoint()

    def work(self) -> bool:
        """Do one thing: decide, answer one of the calls in flight, or let time pass."""
        decisions = self.shard.decide(self.now)
        self.flying += decisions.invocations
        for call in decisions.invocations:
            self.check_call(call)
        lanes = [call.lane for call in self.flying]
        assert len(lanes) == len(set(lanes)), "one invocation a lane"
        for discard in decisions.discards:
            self.drop(discard)
        if self.flying:
            call = self.flying.pop(self.data.draw(st.integers(0, len(self.flying) - 1)))
            self.note(self.shard.settle(call, self.answer(call), self.now))
            return True
        if decisions.next_at is not None:
            assert decisions.next_at > self.now
            self.now = decisions.next_at
            return True
        return False

    def answer(self, call: Invocation) -> Result:
        self.calls_left -= 1
        kinds = ["ok"] if self.calls_left < 0 else ["ok", "ok", "error", "throttled", "report", "garbage"]
        kind = self.data.draw(st.sampled_from(kinds))
        state: dict[str, Any] = {"state": {}}
        if kind == "report" and call.records:
            numbers = self.data.draw(st.sets(st.sampled_from([each.position for each in call.records]), min_size=1))
            return returned({**state, **reported(*numbers).response})
        answers = {"error": error(), "throttled": throttled(), "garbage": returned({"batchItemFailures": [1]})}
        return answers.get(kind, returned(state))

    def note(self, settled: Settled) -> None:
        self.ends += [("handled", each) for each in settled.handled]
        self.check_checkpoint()

    def drop(self, discard: Discard) -> None:
        self.ends += [("discarded", each) for each in discard.records]
        self.check_checkpoint()  # not before it was told
        self.shard.drop(discard, self.now)
        self.check_checkpoint()

    def check_call(self, call: Invocation) -> None:
        assert len(call.records) <= self.mapping.batch_size
        assert call.records or (call.tumble and call.tumble.final)
        assert [each.position for each in call.records] == sorted(each.position for each in call.records)
        if call.tumble:
            windows = {window_of(each.created_at, 10) for each in call.records}
            assert windows <= {call.tumble.window}
        key = (call.lane, tuple(each.position for each in call.records))
        self.attempts[key] = max(self.attempts[key], call.attempt)

    def check_checkpoint(self) -> None:
        checkpoint = int(self.shard.checkpoint or 0)
        self.checkpoints.append(checkpoint)
        finished = {each.position for _, each in self.ends}
        assert all(each.position in finished for each in self.accepted if each.position <= checkpoint)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), options=mappings(), virtual_shards=st.integers(1, 3))
def test_nothing_is_lost_repeated_or_overtaken(
    data: st.DataObject, options: dict[str, Any], virtual_shards: int
) -> None:
    world = World(data, options, virtual_shards)
    number = 0
    for size in data.draw(st.lists(st.integers(0, 8), max_size=4)):
        page = []
        for _ in range(size):
            number += 1
            made = world.now - data.draw(st.sampled_from([0, 0, 0, 3, 25, 61]))
            item = data.draw(st.sampled_from("abcd"))
            page.append(record(number, at=float(int(made)), partition=item, item=item))
        world.accept(page)
        for _ in range(data.draw(st.integers(0, 6))):
            world.work()
    world.shard.finish(world.now)
    for _ in range(1000):
        if not world.work():
            break
    else:
        raise AssertionError("no end")
    assert world.shard.done
    assert Counter(each.position for _, each in world.ends) == Counter(range(1, number + 1)), "each ends once"
    assert world.checkpoints == sorted(world.checkpoints)
    assert int(world.shard.checkpoint or 0) == number
    handled = defaultdict(list)
    for how, each in world.ends:
        if how == "handled":
            handled[each.item].append(each.position)
    assert all(positions == sorted(positions) for positions in handled.values()), "order of each item"
    if options["maximum_retry_attempts"] >= 0:
        assert all(attempt <= options["maximum_retry_attempts"] + 1 for attempt in world.attempts.values())
