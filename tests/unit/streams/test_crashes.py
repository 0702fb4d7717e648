"""Whatever dies and whenever, in random places: each record is handled, and the records of an item in their order."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.stores.streams_api import Unreachable
from harness.streams.clock import SimulatedClock
from harness.streams.emulation import Emulation
from harness.streams.event import Source
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.invocation import Result
from harness.streams.journal import Entry, Invoked
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.poller import Poller
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.stream_reader import LOOK_EVERY, StreamReader
from harness.streams.simulation.stream import SimulatedStream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.streams.reading.position import Checkpoint

START = 1_800_000_007


class Killed(BaseException):
    """The poller's process is gone."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What goes wrong, in turn, at each kind of place; when a list is over, nothing there goes wrong any more."""

    calls: list[str]
    saves: list[str]
    sends: list[str]
    requests: list[bool]
    answers: list[int]

    def next(self, kind: str, otherwise: Any) -> Any:
        left = getattr(self, kind)
        return left.pop(0) if left else otherwise


@dataclass
class Truth:
    """What really happened to each record, whatever the poller believes."""

    #: Numbers of each item's changes, and of each shard's, in their order.
    of_item: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    of_shard: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    #: Its handler has had its effects, or it was discarded: records in the order in which that was so first.
    touched: list[int] = field(default_factory=list)
    #: The handler said that it was done with them, or the destination was told of them.
    done: set[int] = field(default_factory=set)
    #: What the states of windows held at their last calls that succeeded, by shard and window.
    ends: dict[tuple[str, str], set[tuple[int, ...]]] = field(default_factory=lambda: defaultdict(set))

    def touch(self, numbers: list[int]) -> None:
        self.touched += [number for number in numbers if number not in self.touched]


class Engine(SimulatedStream):
    """A stream whose server is away at times."""

    plan: Plan

    def shard_of(self, number: int) -> str:
        """Where the record is that was written last."""
        return next(name for name, shard in self._shards.items() if shard.last == number and shard.ending is None)

    def _answer(self, arn: str) -> None:
        self.unreachable = self.plan.next("requests", otherwise=False)
        super()._answer(arn)


@dataclass
class Kept(MemoryCheckpoints):
    """Checkpoints that are never ahead of the truth. The process may die right before or after they are saved."""

    plan: Plan
    truth: Truth

    def __post_init__(self) -> None:
        super().__init__()

    def save(self, mapping_uuid: str, stream_arn: str, shard_id: str, checkpoint: Checkpoint) -> None:
        end = int(checkpoint.sequence_number or 0)
        passed = {number for number in self.truth.of_shard[shard_id] if checkpoint.finished or number <= end}
        assert passed <= self.truth.done, f"{checkpoint} passes {passed - self.truth.done}"
        keep = super().save
        _around(self.plan.next("saves", "fine"), lambda: keep(mapping_uuid, stream_arn, shard_id, checkpoint))

    def begin(self, mapping_uuid: str, stream_arn: str, checkpoints: Mapping[str, Checkpoint]) -> None:
        keep = super().begin
        _around(self.plan.next("saves", "fine"), lambda: keep(mapping_uuid, stream_arn, checkpoints))


@dataclass
class Queue:
    """A destination. The process may die right before or after it took a message."""

    plan: Plan
    truth: Truth
    describe: str = "a queue"

    def send(self, record: Mapping[str, Any], *, event: Mapping[str, Any] | None) -> None:
        assert event is not None
        assert len(event["Records"]) == record["DDBStreamBatchInfo"]["batchSize"]
        numbers = [int(each["dynamodb"]["SequenceNumber"]) for each in event["Records"]]
        _around(self.plan.next("sends", "fine"), lambda: self._take(numbers))

    def _take(self, numbers: list[int]) -> None:
        self.truth.touch(numbers)
        self.truth.done |= set(numbers)


@dataclass
class Handler:
    """A function that fails before or after its effects, stops in the midst of a batch, or dies with the poller."""

    plan: Plan
    truth: Truth
    name: str = "handler"
    arn: str = "arn:aws:lambda:us-east-1:123456789012:function:handler"
    version: str = "$LATEST"

    def invoke(self, event: dict[str, Any]) -> Result:
        texts = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        numbers = [int(text) for text in texts]
        fate = self.plan.next("calls", "fine")
        # All that this handler was called with, and said that it was done with, in the order in which it was so.
        state = [*event.get("state", ()), *numbers]
        middle = len(numbers) // 2
        match fate:
            case "throttled":
                return Result(outcome="not_invoked", request_id="1", reason="Rate Exceeded.")
            case "fails before":
                return Result(outcome="function_error", request_id="1", error={"errorType": "KeyError"})
            case "killed before":
                raise Killed
            case "stops in the midst" if numbers:
                self.truth.touch(numbers[:middle])
                self.truth.done |= set(numbers[:middle])
                state = state[: len(state) - len(numbers) + middle]
                return _answered({"state": state, "batchItemFailures": [{"itemIdentifier": texts[middle]}]})
        self.truth.touch(numbers)
        if fate == "fails after":
            return Result(outcome="function_error", request_id="1", error={"errorType": "Runtime.ExitError"})
        if fate == "killed after":
            raise Killed
        self.truth.done |= set(numbers)
        if event.get("isFinalInvokeForWindow"):
            self.truth.ends[event["shardId"], event["window"]["start"]].add(tuple(state))
        return _answered({"state": state})

    def close(self) -> None:
        """Nothing runs."""


@dataclass
class Later(Executor):
    """Calls that are made when somebody asks for an answer, in any order: lanes that work side by side."""

    waiting: list[tuple[Future[Any], Callable[[], Any]]] = field(default_factory=list)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: fn(*args, **kwargs)))
        return future

    def answer(self, which: int) -> None:
        future, call = self.waiting.pop(which % len(self.waiting))
        future.set_result(call())


@dataclass(kw_only=True)
class World:
    """An engine that stays, and a poller that is started again each time it dies."""

    plan: Plan
    mapping: EventSourceMapping
    shards: int
    virtual_shards: int = 1
    truth: Truth = field(default_factory=Truth)
    #: What the pollers told, over all their lives.
    told: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(at=START)
        self.stream = Engine(self.clock, shards=self.shards)
        self.stream.plan = self.plan
        self.kept = Kept(self.plan, self.truth)
        self.restart()
        while self.poller.reader.status == "CREATING":
            self.guarded(self.poller.reader.attach)

    def restart(self) -> None:
        emulation = Emulation(retry_cap=10_000, virtual_shards=self.virtual_shards)
        self.workers = Later()
        reader = StreamReader(
            self.stream,
            Source(arn=self.stream.arn),
            starting_position=self.mapping.starting_position,
            uuid=self.mapping.uuid,
            checkpoints=self.kept,
            emulation=emulation,
            clock=self.clock,
        )
        self.poller = Poller(
            mapping=self.mapping,
            function=Handler(self.plan, self.truth),
            reader=reader,
            destination=Queue(self.plan, self.truth),
            emulation=emulation,
            clock=self.clock,
            criteria=FilterCriteria.of(()),
            workers=self.workers,
            watch=self.told.append,
        )

    def guarded(self, act: Callable[[], Any]) -> bool:
        """Do it; True as well when it was in vain. Only a poller that was killed is started again."""
        try:
            return bool(act())
        except Unreachable:
            return True
        except Killed:
            self.restart()
            return True

    def write(self, item: int) -> None:
        change = {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": f"item {item}"}}}}
        number = int(self.stream.put(change))
        self.truth.of_item[f"item {item}"].append(number)
        self.truth.of_shard[self.stream.shard_of(number)].append(number)

    def act(self, what: tuple[str, int]) -> None:
        match what:
            case "write", item:
                self.write(item)
            case "burst", item:
                for _ in range(4):
                    self.write(item)
            case "roll" | "split", which:
                open_shards = self.stream.open_shards
                self.stream.close_shard(open_shards[which % len(open_shards)], children=1 + (what[0] == "split"))
            case "pause", seconds:
                self.clock.at += seconds
            case "step", _:
                self.guarded(self.poller.step)
            case "answer", which if self.workers.waiting:
                self.guarded(lambda: self.workers.answer(which))

    def settle(self) -> None:
        """Go on until two looks at a list of shards, one after the other, have brought nothing."""
        quiet = 0
        while quiet < 2:
            if self.guarded(self.poller.step):
                quiet = 0
            elif self.workers.waiting:
                self.act(("answer", self.plan.next("answers", 0)))
            elif not self.poller.wait():
                quiet += 1
                self.clock.at += LOOK_EVERY


def _around(fate: str, act: Callable[[], None]) -> None:
    if fate == "killed before":
        raise Killed
    act()
    if fate == "killed after":
        raise Killed


def _answered(response: dict[str, Any]) -> Result:
    return Result(outcome="returned", request_id="1", response=response)


def plans(*more: str) -> st.SearchStrategy[Plan]:
    dies = st.sampled_from(["fine", "fine", "fine", "killed before", "killed after"])
    calls = ["fine", "fine", "fails before", "fails after", "killed before", "killed after", "throttled", *more]
    return st.builds(
        Plan,
        calls=st.lists(st.sampled_from(calls), max_size=12),
        saves=st.lists(dies, max_size=8),
        sends=st.lists(dies, max_size=4),
        requests=st.lists(st.sampled_from([False, False, False, True]), max_size=20),
        answers=st.lists(st.integers(0, 3), max_size=8),
    )


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 5)),
        st.tuples(st.just("burst"), st.integers(0, 2)),
        st.tuples(st.sampled_from(["step", "answer"]), st.integers(0, 3)),
        st.tuples(st.sampled_from(["roll", "split"]), st.integers(0, 3)),
        # To the end of a window, and until iterators have expired.
        st.tuples(st.just("pause"), st.sampled_from([1, 15, 1000])),
    ),
    max_size=40,
)


def mappings(**options: Any) -> st.SearchStrategy[EventSourceMapping]:
    options = {"parallelization_factor": st.integers(1, 4)} | options
    return st.builds(
        EventSourceMapping,
        uuid=st.just("one"),
        event_source_arn=st.just("arn"),
        function_name=st.just("handler"),
        starting_position=st.sampled_from(["TRIM_HORIZON", "LATEST"]),
        batch_size=st.sampled_from([1, 2, 3, 100]),
        bisect_batch_on_function_error=st.booleans(),
        **options,
    )


PARTIAL = ("ReportBatchItemFailures",)


HALVES_FAIL = Plan(calls=["fails before"] * 4, saves=[], sends=[], requests=[], answers=[])
BISECTING = EventSourceMapping(
    uuid="one",
    event_source_arn="arn",
    function_name="handler",
    starting_position="TRIM_HORIZON",
    bisect_batch_on_function_error=True,
)


#: Fails, dies, fails.
FINAL_CALLS_FAIL = Plan(
    calls=["fine", "fails before", "fails before", "killed before", "fails before"],
    saves=[],
    sends=[],
    requests=[],
    answers=[],
)
WINDOWS = replace(
    BISECTING, bisect_batch_on_function_error=False, tumbling_window_in_seconds=10, maximum_retry_attempts=3
)


def survives(world: World, acts: list[tuple[str, int]]) -> None:
    for act in acts:
        world.act(act)
    world.settle()
    truth = world.truth
    everything = {number for numbers in truth.of_item.values() for number in numbers}
    assert truth.done == everything, "not handled, or never written"
    for item, numbers in truth.of_item.items():
        assert [number for number in truth.touched if number in numbers] == numbers, item


@settings(max_examples=150, deadline=None)
@given(plans(), mappings(), ACTS, st.integers(1, 3))
@example(HALVES_FAIL, BISECTING, [("burst", 0), ("burst", 1)], 1)
def test_no_record_is_lost_and_no_item_is_out_of_order_whatever_dies(
    plan: Plan, mapping: EventSourceMapping, acts: list[tuple[str, int]], shards: int
) -> None:
    survives(World(plan=plan, mapping=mapping, shards=shards), acts)


@settings(max_examples=150, deadline=None)
@given(
    plans("stops in the midst"),
    mappings(maximum_retry_attempts=st.sampled_from([-1, 0, 1]), function_response_types=st.just(PARTIAL)),
    ACTS,
    st.integers(1, 3),
)
def test_nor_where_records_are_reported_or_given_up(
    plan: Plan, mapping: EventSourceMapping, acts: list[tuple[str, int]], shards: int
) -> None:
    survives(World(plan=plan, mapping=mapping, shards=shards), acts)


@settings(max_examples=500, deadline=None)
@given(
    plans("stops in the midst"),
    mappings(
        parallelization_factor=st.just(1),
        tumbling_window_in_seconds=st.sampled_from([10, 30]),
        function_response_types=st.just(PARTIAL),
    ),
    ACTS,
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_nor_in_tumbling_windows(
    plan: Plan, mapping: EventSourceMapping, acts: list[tuple[str, int]], shards: int, virtual_shards: int
) -> None:
    """Virtual shards are the lanes that windows may have. No limit ends the retries, so that no state is given up."""
    world = World(plan=plan, mapping=mapping, shards=shards, virtual_shards=virtual_shards)
    survives(world, acts)
    truth = world.truth
    assert {number for ends in truth.ends.values() for state in ends for number in state} == truth.done
    assert all(len({*state}) == len(state) for ends in truth.ends.values() for state in ends), (
        "what is in is not read again"
    )
    for window, ends in truth.ends.items():
        # A crash may have a last call made twice, but with the same state: no window ends before it is whole.
        for item, numbers in truth.of_item.items():
            assert len([state for state in ends if {*state} & {*numbers}]) <= 1, (window, item)


@settings(max_examples=300, deadline=None)
@given(
    plans(),
    mappings(
        parallelization_factor=st.just(1),
        tumbling_window_in_seconds=st.just(10),
        maximum_retry_attempts=st.sampled_from([1, 2, 3]),
    ),
    ACTS,
    st.integers(1, 2),
    st.integers(1, 3),
)
@example(FINAL_CALLS_FAIL, WINDOWS, [("write", 0), ("step", 0), ("answer", 0), ("pause", 15)], 1, 1)
def test_a_final_call_is_counted_on_whatever_dies(
    plan: Plan, mapping: EventSourceMapping, acts: list[tuple[str, int]], shards: int, virtual_shards: int
) -> None:
    """What is told and then not saved may come once more, but under the same number."""
    world = World(plan=plan, mapping=mapping, shards=shards, virtual_shards=virtual_shards)
    survives(world, acts)
    last_of_all = mapping.maximum_retry_attempts + 1
    next_is: dict[Any, set[int]] = defaultdict(lambda: {1})
    for entry in world.told:
        if not isinstance(entry, Invoked) or entry.invocation.records:
            continue
        call, outcome = entry.invocation, entry.result.outcome
        end = (call.shard_id, call.lane, call.tumble and call.tumble.window)
        assert call.attempt in next_is[end]
        over = outcome == "returned" or (outcome == "function_error" and call.attempt == last_of_all)
        next_is[end] = {call.attempt}
        if outcome != "not_invoked":
            next_is[end] |= {1 if over else call.attempt + 1}
