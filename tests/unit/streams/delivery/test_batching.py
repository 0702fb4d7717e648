"""When a batch goes, and how large it is."""

from __future__ import annotations

import pytest

from harness.streams.delivery.batching import EVENT_LIMIT, fitting
from harness.streams.emulation import Emulation
from harness.streams.record import compact
from tests.unit.streams.delivery.play import ARN, Play, answers, error, play, record, records, reports, returned


def test_t13_waiting_records_go_in_full_batches_and_a_rest() -> None:
    assert play(answers(), records(1, 8), batch_size=3).invokes == "1-3 4-6 7-8"


def test_t14_without_a_window_one_record_goes_at_once() -> None:
    run = Play(answers(), {"batch_size": 100})
    run.shard.accept(records(1, 1), 0.0)
    assert run.due().invokes == "1"


def test_t15_the_batching_window_gathers() -> None:
    run = Play(answers(), {"batch_size": 10, "maximum_batching_window_in_seconds": 2})
    for number, at in ((1, 0.5), (2, 1.5)):
        run.now = at
        run.shard.accept([record(number)], at)
        assert (run.due().invokes, run.shard.decide(at).next_at) == ("", 2.0)
    run.now = 1.999
    assert run.due().invokes == ""
    run.now = 2.0
    assert run.due().invokes == "1-2"


def test_t16_a_full_batch_does_not_wait_for_the_window() -> None:
    run = Play(answers(), {"batch_size": 2, "maximum_batching_window_in_seconds": 60})
    run.shard.accept(records(1, 1), 0.0)
    assert run.due().invokes == ""
    run.shard.accept(records(2, 3), 0.0)
    assert run.due().invokes == "1-2", "and the third waits"


def test_the_window_begins_anew_when_the_batch_is_done_with() -> None:
    run = Play(answers(error()), {"maximum_batching_window_in_seconds": 10}, Emulation(time_scale=4.0))
    run.shard.accept(records(1, 1), 0.0)
    run.run(until=10.5)
    run.shard.accept(records(2, 2), run.now)
    run.run(until=11.0)
    assert (run.invokes, run.now) == ("1 1", 11.0), "retried a (scaled) quarter of a second after 10"
    assert run.shard.decide(run.now).next_at == 21.0


def test_a_window_that_ends_with_nothing_sends_nothing() -> None:
    run = Play(answers(), {"maximum_batching_window_in_seconds": 10})
    run.shard.accept([], 11.0)
    assert (run.shard.decide(11.0).invocations, run.shard.decide(11.0).next_at) == ((), None)


def test_a_closed_shard_waits_for_nothing() -> None:
    run = Play(answers(), {"maximum_batching_window_in_seconds": 300})
    run.shard.accept(records(1, 2), 0.0)
    run.shard.finish(0.0)
    assert not run.shard.done
    assert (run.due().invokes, run.shard.done) == ("1-2", True)


def test_t17_no_event_is_larger_than_6_mb() -> None:
    some = [record(number, text="x" * 390_000 * 2) for number in range(1, 21)]
    run = play(answers(), some, batch_size=100)
    assert [each for call in run.calls for each in call.records] == some
    assert [len(call.records) for call in run.calls] == [8, 8, 4]
    for call in run.calls:
        assert len(compact(call.event(ARN)).encode()) <= EVENT_LIMIT


@pytest.mark.parametrize(("over", "sizes"), [(0, [2]), (1, [1, 1])])
def test_an_event_may_have_6291456_bytes_and_not_one_more(over: int, sizes: list[int]) -> None:
    small = record(1)
    empty = len('{"Records":[,]}') + 2 * small.size
    some = [small, record(2, text="é" * 100 + "x" * (EVENT_LIMIT - empty - 200 + over))]
    run = play(answers(), some)
    assert [len(call.records) for call in run.calls] == sizes
    if not over:
        assert len(compact(run.calls[0].event(ARN)).encode()) == EVENT_LIMIT


def test_a_batch_that_is_cut_by_size_does_not_wait_for_the_window() -> None:
    run = Play(answers(), {"maximum_batching_window_in_seconds": 60})
    run.shard.accept([record(1, text="x" * 4_000_000), record(2, text="x" * 4_000_000)], 0.0)
    assert run.due().invokes == "1"


def test_a_record_too_large_for_any_event_goes_alone_with_a_caution() -> None:
    run = play(answers(returned(), error()), [record(1), record(2, text="x" * EVENT_LIMIT), record(3)])
    assert (run.invokes, run.codes) == ("1 2 2 3", ["record-over-limit"])


def test_filtered_records_are_passed_and_take_no_place_in_a_batch() -> None:
    run = Play(answers(), {"batch_size": 2}, passes=lambda data: int(data["dynamodb"]["SequenceNumber"]) % 2 == 0)
    filtered = run.shard.accept(records(1, 7), 0.0)
    assert [each.position for each in filtered] == [1, 3, 5, 7]
    assert run.checkpoint == 1
    assert (run.due().invokes, run.checkpoint, run.shard.idle) == ("2+4 6", 7, True)


def test_where_all_is_filtered_the_checkpoint_moves_without_a_call() -> None:
    run = Play(answers(), passes=lambda _: False)
    run.shard.accept(records(1, 3), 0.0)
    assert (run.due().calls, run.checkpoint, run.shard.idle) == ([], 3, True)


def test_a_checkpoint_stays_until_the_discard_is_told() -> None:
    run = Play(reports(2), {"reporting": True, "maximum_retry_attempts": 0})
    run.shard.accept(records(1, 3), 0.0)
    for _ in range(2):
        (invocation,) = run.shard.decide(0.0).invocations
        run.shard.settle(invocation, run.function(invocation), 0.0)
    (discard,) = run.shard.decide(0.0).discards
    assert run.shard.decide(0.0).discards == (), "handed out once"
    run.shard.finish(0.0)
    assert (run.checkpoint, run.shard.idle, run.shard.done) == (1, False, False)
    run.shard.drop(discard, 0.0)
    assert (run.checkpoint, run.shard.idle, run.shard.done) == (3, True, True)


def test_there_is_no_checkpoint_before_the_first_record_is_done() -> None:
    run = Play(answers())
    assert run.shard.idle
    run.shard.accept(records(5, 6), 0.0)
    assert (run.checkpoint, run.shard.idle) == (None, False)
    assert run.due().checkpoint == 6


@pytest.mark.parametrize(("over", "sizes"), [(0, [3]), (1, [2, 1])])
def test_every_comma_counts(over: int, sizes: list[int]) -> None:
    small = record(1)
    left = EVENT_LIMIT - len('{"Records":[,,]}') - 3 * small.size
    assert [
        len(call.records) for call in play(answers(), [small, small, record(2, text="x" * (left + over))]).calls
    ] == sizes


def test_beside_a_large_state_fewer_records_fit() -> None:
    some = records(1, 3)
    taken = 3 * some[0].size + 2
    assert [fitting(some, EVENT_LIMIT - taken + over) for over in (0, 1)] == [3, 2]
    assert fitting(some, EVENT_LIMIT) == 1, "never none"


def test_reading_goes_on_when_large_records_are_gone() -> None:
    run = Play(answers(), {"batch_size": 10_000})
    big = record(1, text="x" * 800_000)
    for _ in range(3):
        assert run.shard.wants > 50
        run.shard.accept([big] * 70, 0.0)
        assert run.shard.wants == 0
        run.due()


def test_a_shard_with_nothing_left_is_done_only_when_it_is_closed() -> None:
    run = play(answers(), records(1, 1))
    assert (run.shard.idle, run.shard.done) == (True, False)
    run.shard.finish(0.0)
    assert run.shard.done


def test_the_window_begins_anew_when_a_whole_batch_has_expired() -> None:
    options = {"maximum_batching_window_in_seconds": 10, "maximum_record_age_in_seconds": 60}
    run = Play(answers(), options, now=100.0)
    run.shard.accept(records(1, 1), 105.0)
    run.now = 112.0
    run.due()
    run.shard.accept([record(2, at=112.0)], run.now)
    assert (run.due().invokes, run.discarded) == ("", "1(1)")
    assert run.shard.decide(run.now).next_at == 122.0
