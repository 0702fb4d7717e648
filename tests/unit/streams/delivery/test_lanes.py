"""Several lanes in a shard: order per item, lanes that are held up, the common checkpoint, and what is read ahead."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from zlib import crc32

from harness.streams.delivery.batching import Buffer
from harness.streams.emulation import Emulation
from tests.unit.streams.delivery.play import Play, answers, error, record, records, returned

if TYPE_CHECKING:
    import pytest

    from harness.streams.record import Record

PF4 = {"parallelization_factor": 4, "batch_size": 5}


def forty() -> list[Record]:
    return [record(number, item=f"item{number % 8}") for number in range(1, 41)]


def test_t63_lanes_run_at_the_same_time_and_keep_the_order_of_each_item() -> None:
    run = Play(answers(), dict(PF4))
    run.shard.accept(forty(), 0.0)
    together = run.shard.decide(0.0).invocations
    assert len({call.lane for call in together}) == len(together) > 1
    assert run.shard.decide(0.0).invocations == (), "one invocation a lane"
    for call in together:
        run.shard.settle(call, returned(), 0.0)
    seen = defaultdict(list)
    for call in (*together, *run.due().calls):
        for each in call.records:
            seen[each.item].append((call.lane, each.position))
    assert len(seen) == 8
    for places in seen.values():
        assert len({lane for lane, _ in places}) == 1
        assert [position for _, position in places] == sorted(position for _, position in places)
    assert run.checkpoint == 40


def test_t63_a_poison_item_holds_up_its_lane_only() -> None:
    run = Play(lambda call: error() if any("item3" in each.item for each in call.records) else returned(), dict(PF4))
    run.shard.accept(forty(), 0.0)
    run.due()
    poisoned = {call.lane for call in run.calls if any("item3" in each.item for each in call.records)}
    (lane,) = poisoned
    handled = {each.position for settled in run.settled for each in settled.handled}
    others = {each.position for call in run.calls if call.lane != lane for each in call.records}
    assert others <= handled
    assert len(handled) >= 20
    lowest = min(set(range(1, 41)) - handled)
    assert run.checkpoint == (lowest - 1 or None)


def test_lanes_are_used_though_both_hashes_are_of_one_text() -> None:
    run = Play(answers(), dict(PF4), Emulation(virtual_shards=4), partition_key=None)
    run.shard.accept([record(number) for number in range(1, 400)], 0.0)
    assert {call.lane for call in run.shard.decide(0.0).invocations} == set(range(16))


def test_a_partition_stays_on_one_virtual_shard() -> None:
    run = Play(answers(), {"parallelization_factor": 2, "batch_size": 1}, Emulation(virtual_shards=8))
    some = [record(number, partition=f"p{number % 20}", item=str(number)) for number in range(1, 201)]
    run.run(some)
    shards = defaultdict(set)
    for call in run.calls:
        shards[call.records[0].data["dynamodb"]["Keys"]["pk"]["S"]].add(call.lane // 2)
    assert all(len(each) == 1 for each in shards.values())
    assert len(set.union(*shards.values())) > 4


def test_lanes_do_not_depend_on_the_process() -> None:
    run = Play(answers(), dict(PF4)).run(forty())
    for call in run.calls:
        assert {crc32(each.item.encode()) % 4 for each in call.records} == {call.lane}


def test_a_lane_gathers_and_waits_on_its_own() -> None:
    run = Play(answers(), {**PF4, "maximum_batching_window_in_seconds": 10})
    run.shard.accept([record(number, item="a") for number in range(1, 6)], 0.0)
    run.shard.accept([record(6, item="b")], 0.0)
    assert run.due().invokes == "1-5", "a full batch"
    assert run.run().invokes == "1-5 6"
    assert run.now == 10.0


def test_the_checkpoint_waits_for_the_lowest_unfinished_record() -> None:
    run = Play(answers(), dict(PF4))
    run.shard.accept([record(1, item="a"), record(2, item="b"), record(3, item="a"), record(4, item="b")], 0.0)
    first, second = sorted(run.shard.decide(0.0).invocations, key=lambda call: call.records[0].position)
    run.shard.settle(second, returned(), 0.0)
    assert run.checkpoint is None
    run.shard.settle(first, returned(), 0.0)
    assert run.checkpoint == 4


def test_records_out_of_order_do_not_carry_the_checkpoint_past_one_another() -> None:
    run = Play(answers(), {"batch_size": 1})
    run.shard.accept([record(3), record(1), record(2)], 0.0)
    reached = []
    while invocations := run.shard.decide(0.0).invocations:
        run.shard.settle(invocations[0], returned(), 0.0)
        reached.append(run.checkpoint)
    assert reached == [None, 1, 3]


def test_a_late_record_holds_the_checkpoint_where_it_is() -> None:
    run = Play(answers(), {"batch_size": 1})
    run.shard.accept([record(5), record(6)], 0.0)
    run.step()
    assert run.checkpoint == 5
    run.shard.accept([record(4), record(7)], 0.0)
    run.step()
    assert run.checkpoint == 5, "6 is done, 4 is not"
    assert run.due().checkpoint == 7


def test_a_record_that_comes_twice_is_delivered_twice() -> None:
    run = Play(answers(), {"batch_size": 1})
    run.shard.accept([record(1), record(2), record(1), record(2)], 0.0)
    run.due()
    assert (run.invokes, run.checkpoint, run.shard.idle) == ("1 2 1 2", 2, True)


def test_a_record_is_looked_at_once_however_long_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    fits = Buffer._fits

    def spy(buffer: Buffer, each: Record) -> bool:
        looks.append(each.position)
        return fits(buffer, each)

    monkeypatch.setattr(Buffer, "_fits", spy)
    run = Play(answers(), {"batch_size": 1000, "maximum_batching_window_in_seconds": 300})
    for number in range(1, 3001):
        run.shard.accept([record(number)], 0.0)
        run.step()
    assert [len(call.records) for call in run.calls] == [1000] * 3
    assert len(looks) <= 2 * 3000


def test_finished_records_behind_a_blocked_one_are_not_kept() -> None:
    run = Play(lambda call: error() if call.records[0].item == blocked.item else returned(), dict(PF4))
    blocked = record(1, item="item3")
    run.shard.accept([blocked], 0.0)
    free = next(
        item for item in "abcdefgh" if Play(answers(), dict(PF4)).run([record(1, item=item)]).calls[0].lane != 1
    )
    for number in range(2, 10_000):
        run.shard.accept([record(number, item=free)], 0.0)
        for call in run.shard.decide(0.0).invocations:
            run.shard.settle(call, run.function(call), 0.0)
    assert run.checkpoint is None
    assert len(run.shard._progress._heap) < 3000


def test_it_reads_a_batch_ahead_and_not_for_ever() -> None:
    run = Play(answers(), {"batch_size": 2500})
    read = 0
    while page := min(run.shard.wants, 1000):
        run.shard.accept(records(read + 1, read + page), 0.0)
        read += page
    assert 2500 <= read < 3500
    assert run.due().invokes == f"1-2500 2501-{read}"


def test_it_does_not_read_on_behind_a_failing_batch_nor_after_the_end() -> None:
    run = Play(lambda _: error(), {"batch_size": 10}, Emulation(time_scale=1.0))
    assert run.shard.wants > 0
    run.shard.accept(records(1, 1), 0.0)
    run.due()
    assert run.shard.wants == 0
    closed = Play(answers())
    closed.shard.finish(0.0)
    assert closed.shard.wants == 0


def test_a_lane_that_is_held_up_leaves_room_for_the_others_but_memory_has_an_end() -> None:
    run = Play(lambda _: error(), {"parallelization_factor": 2, "batch_size": 10}, Emulation(time_scale=1.0))
    read = 0
    while page := run.shard.wants:
        run.shard.accept([record(read + number, item="a") for number in range(1, page + 1)], 0.0)
        read += page
        run.due()
    assert 20_000 <= read <= 41_000


def test_it_reads_few_large_records_ahead() -> None:
    run = Play(answers(), {"parallelization_factor": 10, "batch_size": 10_000})
    big = record(1, item="a", text="x" * 800_000)
    assert run.shard.wants <= 2000
    held = 0
    while (wants := run.shard.wants) and held < 5000:
        run.shard.accept([big] * wants, 0.0)
        held += wants
    assert 0 < held * big.size <= 10 * 64 * 1024 * 1024 + big.size


def test_a_late_record_is_not_taken_for_the_last_one() -> None:
    run = Play(answers(), {"batch_size": 1})
    run.shard.accept([record(5), record(6)], 0.0)
    run.shard.accept([record(4)], 0.0)
    run.shard.accept([record(8)], 0.0)
    for _ in range(3):
        run.step()
    assert run.checkpoint == 6
