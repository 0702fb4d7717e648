"""The poller, beyond its cases: restarts, batches that are stuck, an engine that goes and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.stores.streams_api import Unreachable
from harness.streams.delivery import shard
from harness.streams.emulation import Emulation
from harness.streams.journal import Cautioned, Checkpointed, Delivery, Discarded, Filtered, Invoked
from harness.streams.not_delivered import NotDelivered
from tests.unit.streams.cases.stage import (
    REPORTING,
    START,
    Stage,
    Told,
    change,
    numbers_in,
    raises,
    reports,
    runs,
    sequence_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class Killed(BaseException):
    """The process ends here."""


def kills(after: int) -> Callable[[dict[str, Any], object], None]:
    """Handle so many calls, and in the one after them be killed when the work is done."""
    calls = iter(range(after))

    def handler(_event: object, _context: object) -> None:
        if next(calls, None) is None:
            raise Killed

    return handler


def test_what_happened_is_counted() -> None:
    stage = Stage(raises(times=1), batch_size=2).write(3)
    total = stage.poller.drain()
    assert (total.records, total.batches, total.invokes, total.failures) == (3, 2, 3, 1)
    assert (total.discarded, total.filtered) == (0, 0)
    assert stage.poller.drain() == Delivery()


def test_records_come_once_over_several_drains() -> None:
    stage = Stage().drain().write(2).drain().write().drain()
    assert stage.invokes == "1-2 3"


def test_each_attempt_gets_the_whole_event_whatever_the_last_one_did_to_it() -> None:
    left = iter([1])

    def handler(event: dict[str, Any], _context: object) -> None:
        event["Records"].clear()
        if next(left, None):
            raise ValueError("once")

    assert Stage(handler).write(2).drain().invokes == "1-2 1-2"


def test_a_restart_goes_on_behind_what_was_handled() -> None:
    first = Stage(batch_size=2).write(5)
    first.poll(times=2)
    again = Stage(over=first, batch_size=2).drain()
    assert (first.invokes, again.invokes) == ("1-2 3-4", "5")
    assert Stage(over=again).drain().invokes == ""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_kill_repeats_the_batch_that_was_under_way_and_no_other(after: int) -> None:
    first = Stage(kills(after), batch_size=2).write(6)
    with pytest.raises(Killed):
        first.drain()
    again = Stage(over=first, batch_size=2).drain()
    batches = ["1-2", "3-4", "5-6"]
    assert first.invokes == " ".join(batches[: after + 1])
    assert again.invokes == " ".join(batches[after:])


def test_a_restart_after_a_partial_answer_goes_on_at_the_reported_record() -> None:
    first = Stage(reports(3), emulation=Emulation(on_stuck="retry"), **REPORTING).write(4)
    first.poll(times=2)
    assert first.invokes == "1-4 3-4"
    assert Stage(over=first).drain().invokes == "3-4"


def test_a_restart_does_not_give_up_a_second_time_what_was_told() -> None:
    told = Told()
    first = Stage(raises(1), batch_size=1, maximum_retry_attempts=0, destination=told).write()
    first.poll(times=2)
    again = Stage(over=first, batch_size=1, destination=told).write().drain()
    assert (first.discards, again.invokes, len(told.records)) == ("1 (1)", "2", 1)


def test_a_stuck_batch_ends_with_the_handlers_own_error() -> None:
    stage = Stage(raises(2), emulation=Emulation(retry_cap=3)).write(2)
    with pytest.raises(NotDelivered, match="ValueError: poison") as caught:
        stage.drain()
    told = str(caught.value)
    assert "mover failed on each of 3 calls with a batch of 2 records" in told
    assert sequence_number(1) in told
    assert 'raise ValueError("poison")' in told
    assert stage.invokes == "1-2 1-2 1-2"
    assert stage.kept.load(stage.poller.mapping.uuid, stage.stream.arn) == {}, "the batch is still there"


def test_a_stuck_batch_that_is_to_be_retried_goes_on() -> None:
    stage = Stage(raises(times=30), emulation=Emulation(retry_cap=3, on_stuck="retry")).write(2).drain()
    assert len(stage.events) == 31
    assert [caution.code for caution in stage.cautions] == ["poison-blocks-shard"]


def test_an_engine_that_goes_and_comes_back_costs_nothing() -> None:
    stage = Stage(batch_size=2).write(5)
    stage.poll()
    stage.stream.unreachable = True
    for _ in range(3):
        with pytest.raises(Unreachable):
            stage.drain()
    stage.stream.unreachable = False
    assert stage.write().drain().invokes == "1-2 3-4 5-6"


def test_an_engine_that_goes_while_a_batch_fails_keeps_its_retries() -> None:
    stage = Stage(raises(times=3), maximum_retry_attempts=2).write(2)
    stage.poll()
    stage.stream.unreachable = True
    stage.clock.wait(20)
    with pytest.raises(Unreachable):
        stage.poll()
    stage.stream.unreachable = False
    stage.clock.wait(20)
    assert stage.write().drain().invokes == "1-2 1-2 1-2 3"
    assert stage.discards == "1-2 (3)"


def test_a_destination_that_fails_stops_nothing() -> None:
    stage = Stage(raises(1), batch_size=1, maximum_retry_attempts=0, destination=Told(refuses=True)).write(2).drain()
    assert stage.invokes == "1 2"
    (entry,) = stage.told(Discarded)
    assert (entry.given_up.delivered, entry.given_up.problem) == (False, "the queue does not exist")
    assert stage.metrics["DestinationDeliveryFailures"] == 1
    assert stage.metrics["DroppedEventCount"] == 1
    assert stage.checkpoint == 2


def test_watch_is_told_all_that_drain_returns() -> None:
    stage = Stage(
        reports(2),
        maximum_retry_attempts=0,
        filter_patterns=('{"eventName": ["INSERT"]}',),
        **REPORTING,
    )
    stage.write(3).put(change("gone", name="REMOVE", old={}))
    total = stage.poller.drain()
    assert list(total.entries) == stage.entries
    assert {type(entry) for entry in stage.entries} == {Filtered, Invoked, Discarded, Checkpointed, Cautioned}


def test_lag_goes_from_the_change_to_the_end_of_the_call() -> None:
    before = Stage().write()
    before.clock.wait(90)
    (call,) = Stage(over=before).drain().calls
    assert call.lag == 90_000


def test_several_shards_are_delivered_each_in_its_order() -> None:
    stage = Stage(batch_size=2)
    stage.stream.split(stage.stream.open_shards[0])
    stage.write(20).drain()
    shards: dict[str, list[int]] = {}
    for call in stage.calls:
        for record in call.invocation.records:
            shards.setdefault(record.shard_id, []).append(record.position)
    assert len(shards) == 2
    assert all(numbers == sorted(numbers) for numbers in shards.values())
    assert sum(map(len, shards.values())) == 20


def test_rest_ends_early_when_something_is_due() -> None:
    stage = Stage(batch_size=10, maximum_batching_window_in_seconds=2).write()
    stage.poll()
    stage.poller.rest(10)
    assert stage.clock.now() == START + 2
    stage.poll()
    assert [runs(numbers_in(event)) for event in stage.events] == ["1"]


def test_no_window_ends_while_there_is_no_room_to_read_the_rest_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One lane is held up, and what it waits for fills the memory; behind that is a record for the other lane's window."""
    monkeypatch.setattr(shard, "_RECORDS_AHEAD", 1)

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        if {2, 3, 4} & {*numbers_in(event)} and stage.clock.now() < START + 60:
            raise ValueError("poison")
        return {"state": [*(event["state"] or ()), *numbers_in(event)]}

    stage = Stage(
        handler, batch_size=1, tumbling_window_in_seconds=30, emulation=Emulation(virtual_shards=2, time_scale=1)
    )
    # By the hashes of their keys, item 1 is the first lane's and item 2 the other's.
    stage.put(change("item 1"), *[change("item 2", round={"N": str(number)}) for number in range(3)])
    stage.put(change("item 1", round={"N": "1"})).until(40)
    assert [event["state"] for event in stage.events if event["isFinalInvokeForWindow"]] == []
    stage.drain()
    assert [event["state"] for event in stage.events if event["isFinalInvokeForWindow"]] == [[1, 5], [2, 3, 4]]
    assert "late-records" not in {caution.code for caution in stage.cautions}
