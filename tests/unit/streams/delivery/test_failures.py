"""Retries, halves, remainders and ages: what is sent, and what is given up."""

from __future__ import annotations

import pytest

from harness.streams.emulation import Emulation
from tests.unit.streams.delivery.play import (
    Function,
    Play,
    answers,
    error,
    play,
    raises,
    record,
    records,
    reported,
    reports,
    returned,
    throttled,
)


@pytest.mark.parametrize(
    ("function", "options", "invokes", "discards"),
    [
        (raises(5), {"batch_size": 4, "maximum_retry_attempts": 2}, "1-4 5-8 5-8 5-8", "5-8(3)"),
        (
            raises(5),
            {"batch_size": 8, "bisect_batch_on_function_error": True, "maximum_retry_attempts": 0},
            "1-8 1-4 5-8 5-6 5 6 7-8",
            "5(1)",
        ),
        (
            raises(5),
            {"batch_size": 8, "bisect_batch_on_function_error": True, "maximum_retry_attempts": 1},
            "1-8 1-4 5-8 5-6 5 5 6 7-8",
            "5(2)",
        ),
        (reports(5), {"batch_size": 8, "reporting": True, "maximum_retry_attempts": 0}, "1-8 5-8", "5-8(1)"),
        (
            reports(5),
            {"batch_size": 8, "reporting": True, "maximum_retry_attempts": 3},
            "1-8 5-8 5-8 5-8 5-8",
            "5-8(4)",
        ),
        (reports(2, 5), {"batch_size": 8, "reporting": True, "maximum_retry_attempts": 1}, "1-8 2-8 2-8", "2-8(2)"),
        (reports(5), {"batch_size": 8}, "1-8", ""),
    ],
)
def test_worked_sequences(function: Function, options: dict[str, object], invokes: str, discards: str) -> None:
    run = play(function, records(1, 8), **options)
    assert (run.invokes, run.discarded) == (invokes, discards)
    assert run.checkpoint == 8


def test_t24_a_batch_is_discarded_when_its_retries_are_used_up() -> None:
    run = play(raises(5), records(1, 12), batch_size=4, maximum_retry_attempts=2)
    assert (run.invokes, run.discarded) == ("1-4 5-8 5-8 5-8 9-12", "5-8(3)")
    (discard,) = run.discards
    assert (discard.condition, discard.function_error, discard.request_id) == (
        "RetryAttemptsExhausted",
        "Unhandled",
        "e",
    )
    assert discard.invocation is run.calls[3]
    assert [call.attempt for call in run.calls] == [1, 1, 2, 3, 1]


def test_t25_without_limits_a_batch_is_retried_until_it_succeeds() -> None:
    run = play(answers(error(), error(), error()), records(1, 4), batch_size=2)
    assert run.invokes == "1-2 1-2 1-2 1-2 3-4"
    assert not run.discards


def test_t26_calls_that_reach_no_function_use_up_no_retry() -> None:
    run = play(answers(*[throttled()] * 5), records(1, 2), maximum_retry_attempts=0)
    assert [settled.verdict for settled in run.settled] == ["waiting"] * 5 + ["success"]
    assert {call.attempt for call in run.calls} == {1}
    assert not run.discards
    failing = play(answers(error(), throttled(), error()), records(1, 1), maximum_retry_attempts=1)
    assert ([call.attempt for call in failing.calls], failing.discarded) == ([1, 2, 2], "1(2)")


def test_t27_bisect_isolates_the_poison() -> None:
    options = {"batch_size": 8, "bisect_batch_on_function_error": True, "maximum_retry_attempts": 0}
    run = play(raises(5), records(1, 8), **options)
    assert run.invokes == "1-8 1-4 5-8 5-6 5 6 7-8"
    assert sorted(each.position for settled in run.settled for each in settled.handled) == [1, 2, 3, 4, 6, 7, 8]
    halves = [tuple(len(half) for half in settled.halves) for settled in run.settled if settled.halves]
    assert halves == [(4, 4), (2, 2), (1, 1)]


def test_an_odd_batch_is_cut_before_its_middle() -> None:
    run = play(answers(error()), records(1, 5), bisect_batch_on_function_error=True)
    assert run.invokes == "1-5 1-2 3-5"


def test_t28_a_batch_of_one_is_retried_not_cut() -> None:
    run = play(raises(5), records(1, 8), bisect_batch_on_function_error=True, maximum_retry_attempts=1)
    assert run.invokes.split().count("5") == 2


def test_t29_a_record_too_old_before_its_first_call_is_told_as_invoked_once() -> None:
    run = Play(answers(), {"maximum_record_age_in_seconds": 60, "batch_size": 10}, now=1061.0)
    run.run([record(1, at=1000.0), *records(2, 6, at=1061.0)])
    assert (run.invokes, run.discarded) == ("2-6", "1(1)")
    (discard,) = run.discards
    assert (discard.condition, discard.request_id, discard.function_error, discard.invocation) == (
        "RecordAgeExceeded",
        None,
        None,
        None,
    )


def test_age_is_exceeded_after_the_limit_not_at_it() -> None:
    run = Play(answers(), {"maximum_record_age_in_seconds": 60}, now=1060.0)
    assert run.run([record(1, at=1000.0)]).invokes == "1"


def test_t30_a_batch_that_fails_until_it_is_too_old_tells_its_calls() -> None:
    run = Play(lambda _: error(), {"maximum_record_age_in_seconds": 60}, Emulation(time_scale=1.0))
    run.run(records(1, 2))
    # 0.25 s, doubling: calls at 0, .25, .75, 1.75, 3.75, 7.75, 15.75, 31.75; the next would be at 63.75.
    assert run.invokes == " ".join(["1-2"] * 8)
    assert run.discarded == "1-2(8)"
    (discard,) = run.discards
    assert (discard.condition, discard.function_error, discard.request_id) == ("RecordAgeExceeded", "Unhandled", "e")
    assert discard.invocation is run.calls[-1]


def test_only_the_expired_leave_a_batch_wherever_they_stand() -> None:
    some = [record(1, at=50.0), record(2, at=0.0), record(3, at=50.0)]
    run = Play(answers(error()), {"maximum_record_age_in_seconds": 60}, Emulation(time_scale=1.0), now=60.0)
    run.shard.accept(some, run.now)
    run.due()
    run.now = 61.0
    run.due()
    assert (run.invokes, run.discarded) == ("1-3 1+3", "2(1)")
    assert [call.attempt for call in run.calls] == [1, 2], "what was tried counts for the rest"


def test_the_longest_pause_is_a_minute_however_often_it_failed() -> None:
    run = Play(lambda _: error(), {"maximum_retry_attempts": 2000}, Emulation(time_scale=1.0))
    run.run([record(1, at=0.0)], until=10_000.0)
    before = run.now
    run.step()
    assert run.shard.decide(run.now).next_at == before + 60.0


def test_a_record_that_a_day_of_retries_outlives_is_gone_without_a_discard() -> None:
    run = Play(answers(error()), {}, Emulation(time_scale=1.0), now=1000.0)
    run.shard.accept([record(1, at=1000.0), record(2, at=1500.0)], run.now)
    run.due()
    run.now = 1000.0 + 86_401
    run.due()
    assert (run.invokes, run.discards, run.codes) == ("1-2 2", [], ["records-trimmed"])
    assert run.cautions[0].sequence_numbers == (f"{1:021}",)
    assert (run.checkpoint, run.shard.idle) == (2, True)


def test_old_records_that_were_just_read_are_delivered() -> None:
    assert Play(answers(), {}, now=10_000_000.0).run(records(1, 2)).invokes == "1-2"


def test_an_age_beyond_retention_is_no_limit() -> None:
    run = Play(answers(), {"maximum_record_age_in_seconds": 604_800}, now=700_000.0)
    assert (run.run(records(1, 1)).invokes, run.discards) == ("1", [])


def test_a_poison_record_without_limits_is_said_to_block() -> None:
    run = play(raises(2), records(1, 4), batch_size=2)
    assert run.invokes == " ".join(["1-2"] * 20)
    assert [settled.stuck for settled in run.settled] == [False] * 19 + [True]
    assert run.codes == ["poison-blocks-shard"]
    run.step()
    assert (run.invokes, run.settled[-1].stuck, run.codes) == (
        " ".join(["1-2"] * 21),
        True,
        ["poison-blocks-shard"],
    )


@pytest.mark.parametrize(
    ("options", "scale", "stuck"),
    [
        ({"maximum_retry_attempts": 100}, 0.0, False),
        ({"maximum_record_age_in_seconds": 3600}, 1.0, False),
        ({"maximum_record_age_in_seconds": 3600}, 0.0, True),
    ],
)
def test_a_limit_in_reach_is_waited_for(options: dict[str, object], scale: float, stuck: bool) -> None:  # noqa: FBT001
    run = Play(lambda _: error(), options, Emulation(time_scale=scale)).run(records(1, 1))
    assert run.settled[-1].stuck is stuck
    assert bool(run.discards) is not stuck


def test_a_function_that_cannot_be_called_is_said_to_be_stuck_whatever_the_retries() -> None:
    run = play(lambda _: throttled(), records(1, 2), maximum_retry_attempts=0)
    assert (len(run.calls), run.codes) == (20, ["function-not-reached"])
    assert "TooManyRequestsException" in run.cautions[0].text


def test_throttling_after_many_failures_is_no_reason_to_stop() -> None:
    run = play(answers(*[error()] * 30, throttled()), records(1, 1), maximum_retry_attempts=50)
    assert not any(settled.stuck for settled in run.settled)


def test_a_failing_batch_waits_and_nothing_overtakes_it() -> None:
    run = Play(answers(error()), {"batch_size": 1}, Emulation(time_scale=1.0))
    run.shard.accept(records(1, 2), run.now)
    run.due()
    assert (run.invokes, run.shard.decide(run.now).next_at) == ("1", 0.25)
    assert run.run().invokes == "1 1 2"


def test_t46_records_behind_a_reported_one_are_lost_with_it() -> None:
    run = play(reports(5), records(1, 8), reporting=True, maximum_retry_attempts=0)
    assert (run.invokes, run.discarded) == ("1-8 5-8", "5-8(1)")
    assert run.discards[0].function_error is None
    assert run.codes == ["lost-behind-reported"]
    assert [int(number) for number in run.cautions[0].sequence_numbers] == [6, 7, 8]


def test_records_behind_a_reported_one_are_lost_by_age_too() -> None:
    options = {"reporting": True, "maximum_record_age_in_seconds": 60}
    run = Play(reports(1, 3), options, Emulation(time_scale=1.0)).run(records(1, 3))
    assert run.discards[0].condition == "RecordAgeExceeded"
    assert run.discards[0].function_error is None
    assert (run.codes, run.cautions[0].sequence_numbers) == (["lost-behind-reported"], (f"{2:021}",))


def test_a_lone_reported_record_takes_nothing_with_it() -> None:
    assert play(reports(1), records(1, 1), reporting=True, maximum_retry_attempts=0).codes == []


def test_t42_a_remainder_has_a_fresh_budget() -> None:
    run = play(reports(6), records(1, 6), batch_size=3, reporting=True, maximum_retry_attempts=3)
    assert (run.invokes, run.discarded) == ("1-3 4-6 6 6 6 6", "6(4)")
    assert run.settled[1].verdict == "partial"
    assert [len(run.settled[1].handled), len(run.settled[1].remainder)] == [2, 1]


def test_t43_the_lowest_reported_record_is_where_it_goes_on() -> None:
    assert play(answers(reported(7, 3)), records(1, 8), reporting=True).invokes == "1-8 3-8"


def test_t44_numbers_are_compared_as_numbers() -> None:
    some = [record(number) for number in (98, 99, 100)]
    run = Play(answers(reported(100, 99)), {"reporting": True})
    run.shard.accept(some, 0.0)
    run.step()
    assert run.checkpoint == 98
    assert run.due().invokes == "98-100 99-100"


def test_t47_bisect_cuts_at_the_reported_record_only() -> None:
    options = {"reporting": True, "bisect_batch_on_function_error": True}
    assert play(answers(reported(5)), records(1, 8), **options).invokes == "1-8 5-8"
    first = play(answers(reported(1)), records(1, 8), **options)
    assert first.invokes == "1-8 1-8", "no progress, no cut"


def test_an_exception_is_bisected_with_partial_responses_too() -> None:
    options = {"reporting": True, "bisect_batch_on_function_error": True}
    assert play(answers(error()), records(1, 8), **options).invokes == "1-8 1-4 5-8"


def test_t45_what_is_reported_without_being_asked_for_changes_nothing() -> None:
    run = play(reports(5), records(1, 8))
    assert (run.invokes, run.codes) == ("1-8", ["failures-ignored"])
    assert run.cautions[0].sequence_numbers == (f"{5:021}",)
    assert play(answers(returned({"batchItemFailures": []})), records(1, 1)).codes == []


def test_settling_what_is_not_in_flight_is_a_mistake() -> None:
    run = play(answers(), records(1, 1))
    with pytest.raises(ValueError, match="in flight in lane 0"):
        run.shard.settle(run.calls[0], returned(), 0.0)


def test_only_calls_in_a_row_that_reach_nothing_count_as_stuck() -> None:
    refused = [throttled()] * 15
    run = play(answers(*refused, error(), *refused), records(1, 1))
    assert (len(run.calls), run.codes) == (32, [])
