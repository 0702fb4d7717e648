"""T60 to T63: tumbling windows, and several lanes in one shard."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier, Lock
from typing import Any

from harness.streams.emulation import Emulation
from tests.unit.streams.cases.stage import START, Stage, change, number_of, numbers_in, raises, returns, runs

ITEMS = [f"item {number}" for number in range(8)]


def adding(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Carry a list of what was seen."""
    return {"state": {"seen": [*event["state"].get("seen", ()), *numbers_in(event)]}}


def test_t60_a_window_carries_its_state_to_its_end() -> None:
    stage = Stage(adding, tumbling_window_in_seconds=30)
    for seconds in (10, 20, 35):
        stage.until(seconds).write()
    stage.until(59)
    story = [
        (runs(numbers_in(event)), event["state"], event["isFinalInvokeForWindow"], event["window"]["start"][-9:])
        for event in stage.events
    ]
    assert story == [
        ("1", {}, False, "08:00:00Z"),
        ("2", {"seen": [1]}, False, "08:00:00Z"),
        ("-", {"seen": [1, 2]}, True, "08:00:00Z"),
        ("3", {}, False, "08:00:30Z"),
    ]
    last = stage.until(61).events[-1]
    assert (last["Records"], last["state"], last["isFinalInvokeForWindow"]) == ([], {"seen": [3]}, True)


def test_t61_an_answer_without_state_fails() -> None:
    stage = Stage(returns({}), tumbling_window_in_seconds=30, maximum_retry_attempts=1).write()
    stage.poll(times=3)
    assert (stage.invokes, stage.discards) == ("1 1", "1 (2)")
    assert {caution.code for caution in stage.cautions} == {"state-missing"}


def test_t62_a_state_that_is_too_large_ends_its_window() -> None:
    stage = Stage(returns({"state": "x" * 1_100_000}), tumbling_window_in_seconds=30).write()
    stage.poll(times=2)
    first, final = stage.events
    assert (first["isFinalInvokeForWindow"], first["isWindowTerminatedEarly"]) == (False, False)
    assert (final["isFinalInvokeForWindow"], final["isWindowTerminatedEarly"]) == (True, True)
    assert stage.clock.now() == START


def wrote_all(stage: Stage) -> Stage:
    """Forty records, one item after the other, five rounds."""
    return stage.put(*(change(item, round={"N": str(number)}) for number in range(5) for item in ITEMS))


def item_of(record: dict[str, Any]) -> str:
    name: str = record["dynamodb"]["Keys"]["pk"]["S"]
    return name


def test_t63_lanes_run_side_by_side_and_keep_each_items_order() -> None:
    both, lock, calls = Barrier(2), Lock(), iter(range(1_000))
    done: list[tuple[str, int]] = []

    def handler(event: dict[str, Any], _context: object) -> None:
        with lock:
            call = next(calls)
        if call < both.parties:
            # Only comes back when another call is running too.
            both.wait(timeout=30)
        with lock:
            done.extend((item_of(record), number_of(record)) for record in event["Records"])

    with ThreadPoolExecutor(4) as workers:
        stage = Stage(handler, batch_size=2, parallelization_factor=4, workers=workers)
        wrote_all(stage).drain()
    assert not both.broken
    assert sorted(number for _, number in done) == list(range(1, 41))
    for item in ITEMS:
        mine = [number for name, number in done if name == item]
        assert all(one < other for one, other in pairwise(mine))
    assert len({call.invocation.lane for call in stage.calls}) > 1


def test_t63_a_poisoned_item_delays_its_lane_only() -> None:
    stage = Stage(raises(1), batch_size=1, parallelization_factor=4, emulation=Emulation(on_stuck="retry"))
    wrote_all(stage).poll(times=60)
    lanes = {record.item: call.invocation.lane for call in stage.calls for record in call.invocation.records}
    poisoned = next(call.invocation.lane for call in stage.calls if call.settled.verdict != "success")
    held_up = [call for call in stage.calls if call.invocation.lane == poisoned]
    assert {runs(numbers_in(call.invocation.event(""))) for call in held_up} == {"1"}
    others = [record for call in stage.calls if call.invocation.lane != poisoned for record in call.settled.handled]
    free = sum(lane != poisoned for lane in lanes.values())
    assert free >= 1
    assert len(others) == 5 * free
