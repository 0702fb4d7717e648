"""T13 to T22: how records become batches, and where a mapping begins."""

from __future__ import annotations

from harness.streams.clock import SimulatedClock
from harness.streams.emulation import Emulation
from harness.streams.record import compact
from tests.unit.streams.cases.stage import START, Stage, change, raises
from tests.unit.streams.reading.small import Watched

OTHER = "5f1c6c80-0000-4000-8000-000000000002"


def test_t13_batches_are_full_and_the_last_is_what_is_left() -> None:
    stage = Stage(batch_size=3).write(8).drain()
    assert stage.invokes == "1-3 4-6 7-8"
    assert stage.checkpoint == 8


def test_t14_a_single_record_goes_out_at_once() -> None:
    stage = Stage().write()
    stage.poll()
    assert stage.invokes == "1"
    assert stage.clock.now() == START


def test_t15_a_batching_window_gathers() -> None:
    stage = Stage(batch_size=10, maximum_batching_window_in_seconds=2).until(0.5).write().until(1.5).write()
    assert stage.until(1.999).invokes == ""
    assert stage.until(2).invokes == "1-2"


def test_t16_a_full_batch_does_not_wait_for_its_window() -> None:
    stage = Stage(batch_size=2, maximum_batching_window_in_seconds=60).write(2)
    stage.poll()
    assert stage.invokes == "1-2"
    assert stage.clock.now() == START


def test_t17_events_stay_below_6_mb() -> None:
    stage, text = Stage(batch_size=100), {"text": {"S": "x" * 390 * 1024}}
    stage.put(*(change(f"item {number}", name="MODIFY", old=text, **text) for number in range(20))).drain()
    assert max(len(compact(event).encode()) for event in stage.events) <= 6_291_456
    assert stage.invokes == "1-7 8-14 15-20"


def test_t18_a_large_batch_is_gathered_from_several_pages() -> None:
    clock = SimulatedClock(at=START)
    stream = Watched(clock)
    stage = Stage(clock=clock, stream=stream, batch_size=2_500).write(2_500).drain()
    assert stage.invokes == "1-2500"
    assert max(stream.limits) <= 1_000


def test_t19_trim_horizon_begins_with_the_oldest() -> None:
    before = Stage().write(3)
    assert Stage(over=before).write().drain().invokes == "1-4"


def test_t20_latest_begins_with_the_next() -> None:
    before = Stage().write(3)
    assert Stage(over=before, starting_position="LATEST").write().drain().invokes == "4"


def test_t21_what_was_written_while_disabled_comes_later() -> None:
    enabled = Stage(starting_position="LATEST").write(2).drain()
    disabled = Stage(over=enabled, starting_position="LATEST", enabled=False).write(2).drain()
    again = Stage(over=disabled, starting_position="LATEST").drain()
    assert (enabled.invokes, disabled.invokes, again.invokes) == ("1-2", "", "3-4")


def test_t22_two_mappings_on_a_stream_know_nothing_of_each_other() -> None:
    failing = Stage(raises(), batch_size=2, emulation=Emulation(on_stuck="retry")).write(4)
    other = Stage(over=failing, uuid=OTHER, batch_size=2)
    for _ in range(6):
        failing.poll()
        other.poll()
    assert failing.invokes == " ".join(["1-2"] * 6)
    assert other.invokes == "1-2 3-4"
