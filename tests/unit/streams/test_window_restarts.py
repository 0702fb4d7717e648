"""Tumbling windows over restarts: a window's state holds each of its records once, wherever the poller dies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.streams.delivery.shard import ShardDelivery
from harness.streams.delivery.window import LaneWindows, OpenWindow
from harness.streams.emulation import Emulation
from harness.streams.faults import FaultyFunction
from harness.streams.invocation import Window
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.not_delivered import NotDelivered
from harness.streams.reading.checkpoints import FileCheckpoints, MemoryCheckpoints
from tests.unit.streams.cases.stage import START, Stage, numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.streams.inline import Handler
    from harness.streams.invocation import Function
    from harness.streams.reading.position import Checkpoint

W30: dict[str, Any] = {"tumbling_window_in_seconds": 30}


class Killed(BaseException):
    """The poller's process is gone."""


def collecting(*some: str, fates: Iterator[str] | None = None) -> Handler:
    """Keep the numbers of a window's records in its state; be killed, or fail, where a fate says so."""
    left = fates or iter(some)

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        fate = next(left, "fine")
        if fate == "killed":
            raise Killed
        if fate == "fails":
            raise ValueError("poison")
        return {"state": {"seen": [*event["state"].get("seen", []), *numbers_in(event)]}}

    return handler


def told(stage: Stage) -> list[str]:
    """Write each call as its second of START's minute, records, state and end."""
    return [
        f"{event['window']['start'][-3:-1]}: {numbers_in(event)} on {event['state'].get('seen', [])}"
        f"{' final' if event['isFinalInvokeForWindow'] else ''}"
        for event in stage.events
    ]


@pytest.fixture(params=["memory", "file"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A stage whose checkpoints the others go on from."""
    stage, files = Stage(), FileCheckpoints(tmp_path)
    if request.param == "file":
        stage.kept = cast("MemoryCheckpoints", files)
    yield stage
    files.close()


def test_a_restart_goes_on_with_the_state_of_the_open_window(kept: Stage) -> None:
    first = Stage(collecting(), over=kept, **W30).write(2).until(5)
    again = Stage(collecting(), over=first, **W30).write().until(10).drain()
    assert told(first) == ["00: [1, 2] on []"]
    assert told(again) == ["00: [3] on [1, 2]", "00: [] on [1, 2, 3] final"]


def test_a_window_that_ended_while_nobody_ran_first_gets_what_was_written_meanwhile(kept: Stage) -> None:
    first = Stage(collecting(), over=kept, **W30).write().until(5)
    first.write()
    kept.clock.at = START + 3000
    again = Stage(collecting(), over=first, **W30).write().drain()
    assert told(again) == [
        "00: [2] on [1]",
        "00: [] on [1, 2] final",
        "00: [3] on []",
        "00: [] on [3] final",
    ]


def test_a_kill_between_call_and_save_repeats_the_call_on_the_state_before_it(kept: Stage) -> None:
    first = Stage(collecting("fine", "killed"), over=kept, batch_size=2, **W30).write(4)
    with pytest.raises(Killed):
        first.until(5)
    again = Stage(collecting(), over=first, batch_size=2, **W30).drain()
    assert told(first) == ["00: [1, 2] on []", "00: [3, 4] on [1, 2]"]
    assert told(again) == ["00: [3, 4] on [1, 2]", "00: [] on [1, 2, 3, 4] final"]


def test_a_final_call_is_made_again_unless_it_was_saved(kept: Stage) -> None:
    first = Stage(collecting("fine", "killed"), over=kept, **W30).write()
    with pytest.raises(Killed):
        first.drain()
    again = Stage(collecting(), over=first, **W30).drain()
    once_more = Stage(collecting(), over=again, **W30).drain()
    assert told(first)[1:] == told(again) == ["00: [] on [1] final"]
    assert told(once_more) == []


def test_a_restart_knows_which_windows_have_ended(kept: Stage) -> None:
    first = Stage(collecting(), over=kept, **W30).write().until(31)
    again = Stage(collecting(), over=first, **W30)
    kept.clock.at = START + 10
    again.write()
    kept.clock.at = START + 31
    again.drain()
    assert [caution.code for caution in again.cautions] == ["late-records"]


def test_a_state_that_is_too_large_ends_its_window_after_the_restart(kept: Stage) -> None:
    deaths = iter([Killed()])

    def growing(event: dict[str, Any], _context: object) -> dict[str, Any]:
        if event["isWindowTerminatedEarly"] and (death := next(deaths, None)):
            raise death
        return {"state": "" if event["isFinalInvokeForWindow"] else "x" * 1_100_000}

    first = Stage(growing, over=kept, **W30).write()
    with pytest.raises(Killed):
        first.until(5)
    again = Stage(growing, over=first, **W30).until(5)
    assert [(event["isWindowTerminatedEarly"], len(event["state"])) for event in again.events] == [(True, 1_100_000)]


def attempts(stage: Stage) -> list[int]:
    """Return which attempts its final calls were."""
    return [call.invocation.attempt for call in stage.calls if not call.invocation.records]


def test_a_final_call_that_failed_goes_on_with_its_retries_after_a_restart(kept: Stage) -> None:
    slow: dict[str, Any] = {"emulation": Emulation(time_scale=1), "maximum_retry_attempts": 3, **W30}
    always = ["fine", *["fails"] * 10]
    first = Stage(collecting(*always), over=kept, **slow).write().until(30.1)
    again = Stage(collecting(*always[1:]), over=first, **slow).until(30.3)
    last = Stage(collecting(*always[1:]), over=again, **slow).drain()
    assert [attempts(stage) for stage in (first, again, last)] == [[1], [2], [3, 4]]
    assert [caution.code for caution in last.cautions] == ["window-state-dropped"]
    kept.clock.at = START + 10
    last.write()
    kept.clock.at = START + 40
    late = Stage(collecting("fine", "fails"), over=last, **slow).drain()
    assert attempts(late) == [1, 2], "the window opened once more, and this end is another one"


def test_the_age_of_a_final_call_counts_from_when_it_was_first_due(kept: Stage) -> None:
    slow: dict[str, Any] = {"emulation": Emulation(time_scale=1), "maximum_record_age_in_seconds": 60, **W30}

    def throttled(function: Function) -> Function:
        return FaultyFunction(function=function, throttled=lambda event: event["isFinalInvokeForWindow"])

    first = Stage(collecting(), around=throttled, over=kept, **slow).write().until(30.1)
    kept.clock.at = START + 89
    again = Stage(collecting(), around=throttled, over=first, **slow).until(89.1)
    assert (attempts(first), attempts(again)) == ([1], [1])
    kept.clock.at = START + 91
    last = Stage(collecting(), over=again, **slow).drain()
    assert last.events == []
    assert [caution.code for caution in last.cautions] == ["window-state-dropped"]


def test_an_early_end_that_failed_goes_on_with_its_retries_after_a_restart(kept: Stage) -> None:
    slow: dict[str, Any] = {"emulation": Emulation(time_scale=1), "maximum_retry_attempts": 2, **W30}

    def growing(event: dict[str, Any], _context: object) -> dict[str, Any]:
        if event["isWindowTerminatedEarly"]:
            raise ValueError("poison")
        return {"state": "x" * 1_100_000}

    first = Stage(growing, over=kept, **slow).write().until(0.1)
    again = Stage(growing, over=first, **slow).drain()
    assert (attempts(first), attempts(again)) == ([1], [2, 3])


def test_a_final_call_keeps_its_retries_while_another_lane_runs_ahead(kept: Stage) -> None:
    slow: dict[str, Any] = {
        "emulation": Emulation(time_scale=1, virtual_shards=2),
        "maximum_retry_attempts": 10,
        **W30,
    }

    def stumbling(event: dict[str, Any], context: object) -> Any:
        if event["isFinalInvokeForWindow"] and 1 in event["state"]["seen"]:
            raise ValueError("poison")
        return collecting()(event, context)

    first = Stage(stumbling, over=kept, **slow).write(8).until(30.1)
    seen = [event["state"]["seen"] for event in first.events if event["isFinalInvokeForWindow"]]
    assert len(seen) == 2, "the items are in both lanes"
    first.write(8).until(35)
    assert first.checkpoint == 8, "what the other lane has done since is not kept"
    made = len(attempts(first))
    again = Stage(stumbling, over=first, **slow).until(36.5)
    assert attempts(again)[0] == made


def test_patience_with_a_final_call_begins_anew_with_a_process(kept: Stage) -> None:
    """`retry_cap` is the emulation's: who has mended a handler is not told that it is stuck by its next slip."""
    first = Stage(collecting("fine", *["fails"] * 50), over=kept, **W30).write()
    with pytest.raises(NotDelivered):
        first.drain()
    again = Stage(collecting(*["fails"] * 50), over=first, **W30)
    with pytest.raises(NotDelivered):
        again.drain()
    assert (attempts(first), attempts(again)) == ([*range(1, 21)], [*range(21, 41)])
    assert [caution.code for caution in again.cautions] == ["poison-blocks-shard"]


def test_an_open_window_keeps_its_bounds_when_the_mapping_gets_others(kept: Stage) -> None:
    first = Stage(collecting(), over=kept, **W30).write().until(5)
    again = Stage(collecting(), over=first, tumbling_window_in_seconds=10).write().drain()
    assert told(again) == ["00: [2] on []", "00: [] on [2] final", "00: [] on [1] final"]
    assert again.events[2]["window"]["end"].endswith("30Z")


def test_an_open_window_ends_although_the_mapping_has_no_windows_any_more(kept: Stage) -> None:
    first = Stage(collecting(), over=kept, **W30).write().until(5)
    again = Stage(lambda _event, _context: {"state": {}}, over=first).write().drain()
    assert [numbers_in(event) for event in again.events] == [[2], []]
    assert again.events[1]["state"] == {"seen": [1]}


def test_a_mapping_that_changes_keeps_the_state(kept: Stage) -> None:
    stage = Stage(collecting(), over=kept, **W30).write().until(5)
    stage.poller.renew()
    stage.write().drain()
    assert told(stage)[1:] == ["00: [2] on [1]", "00: [] on [1, 2] final"]


def test_windows_of_lanes_that_are_gone_are_refused(kept: Stage) -> None:
    first = Stage(collecting(), over=kept, emulation=Emulation(virtual_shards=4), **W30).write(12).until(5)
    with pytest.raises(UsageError, match="a tumbling window is open in lane 1, 2, 3") as told:
        Stage(collecting(), over=first, **W30).drain()
    assert "virtual_shards=4" in told.value.hint


def test_a_closed_shard_leaves_no_windows_behind(kept: Stage) -> None:
    stage = Stage(collecting(), over=kept, **W30).write()
    [shard] = stage.stream.open_shards
    stage.stream.close_shard(shard, children=1)
    stage.write().until(5)
    places = kept.kept.load(stage.poller.mapping.uuid, stage.stream.arn)
    assert (places[shard].finished, places[shard].windows) == (True, ())
    assert told(stage) == ["00: [1] on []", "00: [] on [1] final", "00: [2] on []"]


def test_no_window_ends_before_the_first_look_at_the_stream() -> None:
    window = OpenWindow(window=Window(start=0, end=30), state={"seen": [1]})
    shard = ShardDelivery(
        EventSourceMapping(
            uuid="u", event_source_arn="arn", function_name="f", starting_position="TRIM_HORIZON", **W30
        ),
        Emulation(),
        shard_id="s",
        passes=lambda _: True,
        opened_at=START,
        windows=[LaneWindows(lane=0, open=(window,))],
    )
    assert shard.decide(START).invocations == ()
    shard.accept([], START)
    assert [call.tumble and call.tumble.final for call in shard.decide(START).invocations] == [True]


@dataclass
class Dying(MemoryCheckpoints):
    """The process may die right before or after a place is saved."""

    fates: Iterator[str] = field(default_factory=lambda: iter(()))

    def __post_init__(self) -> None:
        super().__init__()

    def save(self, mapping_uuid: str, stream_arn: str, shard_id: str, checkpoint: Checkpoint) -> None:
        fate = next(self.fates, "fine")
        if fate == "killed before":
            raise Killed
        super().save(mapping_uuid, stream_arn, shard_id, checkpoint)
        if fate == "killed after":
            raise Killed


@settings(max_examples=150, deadline=None)
@given(
    acts=st.lists(st.one_of(st.integers(1, 40), st.sampled_from(["write", "write", "step", "restart"])), max_size=40),
    calls=st.lists(st.sampled_from(["fine", "fine", "killed", "fails"]), max_size=12),
    saves=st.lists(st.sampled_from(["fine", "fine", "killed before", "killed after"]), max_size=12),
    batch_size=st.sampled_from([1, 2, 100]),
    lanes=st.sampled_from([1, 1, 3]),
)
def test_every_window_ends_with_each_of_its_records_once(
    acts: list[str | int], calls: list[str], saves: list[str], batch_size: int, lanes: int
) -> None:
    fates, origin = iter(calls), Stage()
    origin.kept = Dying(fates=iter(saves))
    events: list[dict[str, Any]] = []
    written: dict[int, list[int]] = defaultdict(list)

    def start() -> Stage:
        stage = Stage(
            collecting(fates=fates),
            over=origin,
            batch_size=batch_size,
            emulation=Emulation(virtual_shards=lanes),
            **W30,
        )
        stage.events = events
        return stage

    stage, number = start(), 0
    for act in [*acts, "drain"]:
        if isinstance(act, int):
            origin.clock.at += act
        elif act == "write":
            stage.write()
            number += 1
            written[int(origin.clock.at) // 30].append(number)
        else:
            done = act == "restart"
            while not done:
                try:
                    done = bool(stage.poller.step() or True) if act == "step" else bool(stage.drain())
                except Killed:
                    stage = start()
            stage = start() if act == "restart" else stage
    finals: dict[str, set[tuple[int, ...]]] = defaultdict(set)
    for event in events:
        if event["isFinalInvokeForWindow"]:
            finals[event["window"]["start"]].add(tuple(event["state"]["seen"]))
    # A final call that was made again had the same state; each lane had one of its own.
    ended = [sorted(number for state in states for number in state) for states in finals.values()]
    assert sorted(ended) == sorted(written.values())
    assert all(state == tuple(sorted(state)) for states in finals.values() for state in states)
