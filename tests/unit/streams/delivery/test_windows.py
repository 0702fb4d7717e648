"""Tumbling windows: which records are in one, its state, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.streams.delivery.batching import EVENT_LIMIT
from harness.streams.emulation import Emulation
from harness.streams.record import compact
from tests.unit.streams.delivery.play import ARN, Play, error, record, reported, returned, throttled, told

if TYPE_CHECKING:
    from harness.streams.invocation import Invocation, Result

W30 = {"tumbling_window_in_seconds": 30}


def counting(call: Invocation) -> Result:
    """Count the records of a window in its state."""
    assert call.tumble is not None
    return returned({"state": {"n": call.tumble.state.get("n", 0) + len(call.records)}})


def seen(run: Play) -> list[str]:
    """Write each event as window, records, state and end."""
    lines = []
    for call in run.calls:
        assert call.tumble is not None
        end = " early" if call.tumble.terminated_early else " final" if call.tumble.final else ""
        lines.append(f"{call.tumble.window.start}: {told(call.records)} {call.tumble.state.get('n', 0)}{end}")
    return lines


def at(run: Play, now: float, *numbers: int) -> None:
    """Let the time be `now`, and records come that were made now, and no more behind them."""
    run.run(until=now)
    run.now = now
    run.shard.accept([record(number, at=now) for number in numbers], now)
    run.shard.accept([], now)


def test_t60_state_is_carried_through_a_window_and_ends_with_it() -> None:
    run = Play(counting, W30)
    at(run, 10.0, 1)
    at(run, 20.0, 2)
    at(run, 35.0, 3)
    run.run()
    assert seen(run) == ["0: 1 0", "0: 2 1", "0: - 2 final", "30: 3 0", "30: - 1 final"]
    assert run.now == 60.0
    assert (run.shard.idle, run.checkpoint) == (True, 3)
    assert run.calls[0].event(ARN)["window"] == {"start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:00:30Z"}


def test_a_window_that_is_open_keeps_the_shard_from_being_idle() -> None:
    run = Play(counting, W30)
    at(run, 10.0, 1)
    run.due()
    assert (run.shard.idle, run.shard.decide(run.now).next_at) == (False, 30.0)
    run.shard.finish(10.0)
    assert not run.shard.done
    run.due()
    assert seen(run) == ["0: 1 0", "0: - 1 final"]
    assert run.shard.done, "a closed shard closes its window"


def test_no_batch_mixes_windows() -> None:
    run = Play(counting, {**W30, "batch_size": 10}, now=100.0)
    run.run([record(1, at=10), record(2, at=29), record(3, at=30), record(4, at=61), record(5, at=62)])
    assert seen(run) == [
        "0: 1-2 0",
        "0: - 2 final",
        "30: 3 0",
        "30: - 1 final",
        "60: 4-5 0",
        "60: - 2 final",
    ]


def test_a_reader_that_is_behind_does_not_end_a_window_it_is_in_the_middle_of() -> None:
    run = Play(counting, W30, now=5000.0)
    run.shard.accept([record(1, at=10)], run.now)
    run.due()
    run.shard.accept([record(2, at=11)], run.now)
    run.due()
    assert seen(run) == ["0: 1 0", "0: 2 1"]
    assert run.shard.decide(run.now).next_at is None
    run.now = 6000.0
    assert seen(run.due()) == ["0: 1 0", "0: 2 1"], "however long it takes to look again"
    run.shard.accept([], run.now)
    run.due()
    assert seen(run)[2:] == ["0: - 2 final"]


def test_filtered_records_show_too_that_the_reader_has_passed_a_window() -> None:
    run = Play(counting, W30, now=5000.0, passes=lambda data: data["dynamodb"]["SequenceNumber"] == f"{1:021}")
    run.shard.accept([record(1, at=10), record(2, at=31)], run.now)
    assert seen(run.due()) == ["0: 1 0", "0: - 1 final"]


def test_a_late_record_opens_its_window_once_more_and_leaves_the_current_one_alone() -> None:
    run = Play(counting, W30, now=40.0)
    run.run([record(1, at=29), record(2, at=31)], until=50.0)
    run.shard.accept([record(3, at=28)], 45.0)
    run.shard.accept([record(4, at=44)], 45.0)
    run.run()
    assert seen(run) == [
        "0: 1 0",
        "0: - 1 final",
        "30: 2 0",
        "0: 3 0",
        "0: - 1 final",
        "30: 4 1",
        "30: - 2 final",
    ]
    assert run.codes == ["late-records"]
    assert run.cautions[0].sequence_numbers == (f"{3:021}",)


def test_the_end_of_a_tumbling_window_ends_the_batching_window() -> None:
    run = Play(counting, {**W30, "maximum_batching_window_in_seconds": 300})
    at(run, 10.0, 1)
    run.due()
    assert run.shard.decide(run.now).next_at == 30.0
    run.run()
    assert (seen(run), run.now) == (["0: 1 0", "0: - 1 final"], 30.0)


def test_t61_a_response_without_state_fails_the_batch() -> None:
    run = Play(lambda _: returned({}), {**W30, "maximum_retry_attempts": 1})
    run.run([record(1, at=0)], until=29.0)
    assert (run.invokes, run.discarded, run.discards[0].function_error) == ("1 1", "1(2)", None)
    assert set(run.codes) == {"state-missing"}


def test_a_failed_call_changes_no_state_a_partial_one_does() -> None:
    results = iter(
        [
            returned({"state": {"n": 7}, **reported(3).response}),
            error(),
            returned({"state": {"n": 9}, **reported(3).response}),
            returned({"state": {"n": 8}}),
        ]
    )
    run = Play(lambda _: next(results), {**W30, "reporting": True})
    run.run([record(number, at=0) for number in (1, 2, 3, 4)], until=29.0)
    assert seen(run) == ["0: 1-4 0", "0: 3-4 7", "0: 3-4 7", "0: 3-4 7"]


def test_a_final_call_that_fails_holds_the_shard_until_it_succeeds() -> None:
    finals = iter([error(), throttled(), returned({})])

    def function(call: Invocation) -> Result:
        return next(finals, counting(call)) if call.tumble and call.tumble.final else counting(call)

    run = Play(function, W30, now=100.0)
    run.run([record(1, at=10), record(2, at=31)])
    assert seen(run) == ["0: 1 0", *["0: - 1 final"] * 4, "30: 2 0", "30: - 1 final"]
    assert [call.attempt for call in run.calls[1:5]] == [1, 2, 2, 3]


def final_fails(call: Invocation) -> Result:
    return error() if call.tumble and call.tumble.final else counting(call)


def test_a_final_call_whose_retries_are_used_up_loses_the_state() -> None:
    run = Play(final_fails, {**W30, "maximum_retry_attempts": 2})
    run.run([record(1, at=10)])
    assert seen(run) == ["0: 1 0", *["0: - 1 final"] * 3]
    assert (run.codes, run.discards, run.shard.idle) == (["window-state-dropped"], [], True)


@pytest.mark.parametrize(("age", "seconds"), [(60, 60), (-1, 86_400)])
def test_a_final_call_is_given_up_by_time_too(age: int, seconds: int) -> None:
    run = Play(final_fails, {**W30, "maximum_record_age_in_seconds": age}, Emulation(time_scale=1.0, retry_cap=10_000))
    run.run([record(1, at=10)])
    assert run.codes == ["window-state-dropped"]
    assert 30 + seconds < run.now <= 30 + seconds + 60


def test_a_final_call_without_limits_is_said_to_block() -> None:
    run = Play(final_fails, W30).run([record(1, at=10)])
    assert (run.settled[-1].stuck, run.codes) == (True, ["poison-blocks-shard"])


def test_t62_a_state_over_1_mb_ends_the_window_early() -> None:
    def growing(call: Invocation) -> Result:
        if call.tumble and call.tumble.terminated_early:
            return returned({"state": {}})
        return returned({"state": {"text": "x" * 1_100_000}}) if told(call.records) == "1-2" else counting(call)

    run = Play(growing, {**W30, "batch_size": 2})
    run.run([record(number, at=10) for number in (1, 2, 3)])
    assert seen(run) == ["0: 1-2 0", "0: - 0 early", "0: 3 0", "0: - 1 final"]
    early = run.calls[1].event(ARN)
    assert (early["isWindowTerminatedEarly"], early["isFinalInvokeForWindow"], early["Records"]) == (True, True, [])
    assert len(early["state"]["text"]) == 1_100_000
    assert run.codes == ["window-ended-early"], "and its further records are not late"


@pytest.mark.parametrize(("size", "early"), [(1024 * 1024, False), (1024 * 1024 + 1, True)])
def test_a_state_may_have_1_mb(size: int, early: bool) -> None:  # noqa: FBT001
    state = "x" * (size - 2)
    run = Play(lambda _: returned({"state": state}), W30)
    run.shard.accept([record(1, at=10)], 10.0)
    run.due()
    assert [bool(call.tumble and call.tumble.terminated_early) for call in run.calls] == [False, True][: 1 + early]


def test_an_early_end_comes_before_the_rest_of_a_partial_batch() -> None:
    big = {"state": {"text": "x" * 1_100_000}, **reported(2).response}
    results: list[Any] = [big, {"state": {}}, {"state": {"n": 5}}]
    run = Play(lambda _: returned(results.pop(0) if results else {"state": {}}), {**W30, "reporting": True})
    run.run([record(number, at=10) for number in (1, 2, 3)])
    assert seen(run) == ["0: 1-3 0", "0: - 0 early", "0: 2-3 0", "0: - 5 final"]


def test_a_batch_leaves_room_for_the_state() -> None:
    def heavy(_: Invocation) -> Result:
        return returned({"state": "x" * 900_000})

    some = [record(number, at=10, text="x" * 750_000) for number in range(1, 18)]
    run = Play(heavy, W30).run(some)
    assert [len(call.records) for call in run.calls] == [8, 7, 1, 1, 0]
    assert all(len(compact(call.event(ARN)).encode()) <= EVENT_LIMIT for call in run.calls)
    assert [each for call in run.calls for each in call.records] == some


def test_a_window_whose_records_all_expired_unseen_is_never_opened() -> None:
    run = Play(counting, {**W30, "maximum_record_age_in_seconds": 60}, now=100.0)
    run.run([record(1, at=10)])
    assert (run.calls, run.discarded) == ([], "1(1)")


def test_each_virtual_shard_has_windows_of_its_own() -> None:
    run = Play(counting, W30, Emulation(virtual_shards=4))
    some = [record(number, at=1, partition=f"p{number}") for number in range(1, 13)]
    run.run(some)
    lanes = {call.lane for call in run.calls}
    assert len(lanes) > 1
    for lane in lanes:
        mine = [line for line, call in zip(seen(run), run.calls, strict=True) if call.lane == lane]
        assert mine[0].endswith(" 0")
        assert mine[-1].endswith("final")
    totals = [call.tumble.state["n"] for call in run.calls if call.tumble and call.tumble.final]
    assert sum(totals) == 12


def test_a_window_ends_after_all_that_waits_of_it() -> None:
    run = Play(counting, {**W30, "batch_size": 1}, now=100.0)
    run.run([record(1, at=10), record(2, at=31), record(3, at=10)])
    assert seen(run) == ["0: 1 0", "30: 2 0", "0: 3 1", "0: - 2 final", "30: - 1 final"]


def test_a_record_of_the_next_window_ends_this_one_before_the_clock_does() -> None:
    run = Play(counting, W30, now=10.0)
    run.shard.accept([record(1, at=10), record(2, at=30)], run.now)
    assert seen(run.due()) == ["0: 1 0", "0: - 1 final", "30: 2 0"]


def test_a_record_that_does_not_fit_beside_the_state_goes_nevertheless() -> None:
    run = Play(lambda _: returned({"state": "x" * 1_000_000}), W30)
    run.run([record(1, at=10, text="x" * 1_000_000), record(2, at=10, text="x" * 5_500_000)])
    assert run.invokes == "1 2 -"


def test_the_youngest_record_of_a_page_tells_how_far_was_read() -> None:
    run = Play(counting, W30, now=20.0)
    run.shard.accept([record(1, at=31), record(2, at=10)], run.now)
    assert seen(run.due()) == ["30: 1 0", "0: 2 0", "0: - 1 final"]
