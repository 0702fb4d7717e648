"""Where a mapping begins in a stream, and how it follows it through restarts, resharding and the stream's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.stores.streams_api import Unreachable
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.stream_reader import LOOK_EVERY, LOOK_FOR_CHILD
from harness.streams.simulation.stream import SimulatedStream
from tests.unit.streams.reading.small import UUID, Place, handled, names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.reading.position import Checkpoint
    from harness.streams.reading.stream_reader import StreamReader

DAY = 24 * 3600.0


def test_t19_trim_horizon_begins_with_the_oldest_record() -> None:
    place = Place()
    place.put("r1", "r2", "r3")
    reader = place.reader("TRIM_HORIZON")
    reader.attach()
    place.put("r4")
    assert handled(reader) == ["r1", "r2", "r3", "r4"]


def test_t20_latest_begins_with_the_first_write_after_it() -> None:
    place = Place()
    place.put("r1", "r2", "r3")
    reader = place.reader("LATEST")
    reader.attach()
    place.put("r4")
    assert handled(reader) == ["r4"]


def test_latest_on_an_empty_stream_misses_nothing() -> None:
    place = Place()
    place.reader("LATEST").attach()
    place.put("r1")
    assert handled(place.reader("LATEST")) == ["r1"]


def test_latest_survives_a_restart_before_its_first_record() -> None:
    place = Place(shards=2)
    place.put(*"abcdef")
    place.reader("LATEST").attach()
    place.put(*"uvwxyz")
    again = place.reader("LATEST")
    again.attach()
    assert sorted(handled(again)) == sorted("uvwxyz")


def test_latest_begins_in_every_shard_or_in_none() -> None:
    class Crashing(MemoryCheckpoints):
        def begin(self, mapping_uuid: str, stream_arn: str, checkpoints: Mapping[str, Checkpoint]) -> None:
            if not self.crashed:
                self.crashed = True
                raise KeyboardInterrupt
            super().begin(mapping_uuid, stream_arn, checkpoints)

        crashed = False

    place = Place(shards=3)
    place.kept = Crashing()
    place.put(*"abcdef")
    with pytest.raises(KeyboardInterrupt):
        place.reader("LATEST").attach()
    assert place.kept.load(UUID, place.stream.arn) == {}
    again = place.reader("LATEST")
    again.attach()
    place.put("z")
    assert handled(again) == ["z"]


def test_latest_that_could_not_be_attached_is_attached_later() -> None:
    place = Place()
    place.put("a")
    reader = place.reader("LATEST")
    place.stream.unreachable = True
    for _ in range(2):
        with pytest.raises(Unreachable):
            reader.attach()
    assert reader.status == "CREATING"
    place.stream.unreachable = False
    reader.attach()
    assert (reader.status, handled(reader)) == ("ENABLED", [])


def test_latest_on_a_shard_that_closes_meanwhile_goes_on_with_its_child() -> None:
    place = Place()
    place.put("a")
    parent = place.shard_id
    place.stream.before["TRIM_HORIZON"] = lambda: (place.stream.close_shard(parent), place.put("b"))
    reader = place.reader("LATEST")
    reader.attach()
    (shard,) = reader.shards()
    assert not shard.exhausted, "nobody has been told yet"
    assert handled(reader) == ["b"]
    assert handled(place.reader("LATEST")) == []


def test_latest_leaves_closed_shards_alone_for_good() -> None:
    place = Place()
    place.put("a")
    old = place.shard_id
    place.stream.split(old)
    place.put("b", "c")
    reader = place.reader("LATEST")
    reader.attach()
    assert place.kept.load(UUID, place.stream.arn)[old].finished
    place.put("d")
    assert (handled(reader), handled(place.reader("LATEST"))) == (["d"], [])


def test_slow_start_drops_what_is_written_while_the_mapping_is_created() -> None:
    place = Place()
    reader = place.reader("LATEST", slow_start=60.0)
    reader.attach()
    place.put("missed")
    place.clock.wait(59)
    assert (handled(reader), reader.status, place.stream.calls) == ([], "CREATING", [])
    place.clock.wait(1)
    reader.attach()
    place.put("seen")
    assert (handled(reader), reader.status) == (["seen"], "ENABLED")
    assert handled(place.reader("LATEST", slow_start=60.0)) == [], "it was created before"
    assert handled(Place().reader("TRIM_HORIZON", slow_start=60.0)) == []


def test_trim_horizon_knows_no_slow_start() -> None:
    place = Place()
    place.put("a")
    assert handled(place.reader("TRIM_HORIZON", slow_start=60.0)) == ["a"]


def test_checkpoint_counts_more_than_the_starting_position() -> None:
    place = Place()
    place.put("a", "b", "c")
    reader = place.reader("TRIM_HORIZON")
    (shard,) = reader.shards()
    page = reader.read(shard, 3)
    reader.passed(shard.shard_id, page.records[1].sequence_number)
    for position in ("TRIM_HORIZON", "LATEST"):
        again = place.reader(position)
        (shard,) = again.shards()
        assert names(again.read(shard, 10).records) == ["c"]


def test_t37_all_records_of_a_shard_that_closes_come_before_its_childs() -> None:
    place = Place()
    reader = place.reader("LATEST")
    reader.attach()
    parent = place.shard_id
    place.put("p1", "p2")
    place.stream.close_shard(parent)
    place.put("c1", "c2")
    (shard,) = reader.shards()
    page = reader.read(shard, 100)
    assert (names(page.records), page.exhausted) == (["p1", "p2"], True)
    # Not handled yet, or failing again and again: the child has to wait.
    for _ in range(3):
        place.clock.wait(LOOK_EVERY)
        assert [each.shard_id for each in reader.shards()] == [parent]
        assert reader.read(shard, 100).exhausted
    reader.passed(parent, page.records[-1].sequence_number)
    reader.finished(parent)
    assert handled(reader) == ["c1", "c2"]
    assert handled(reader) == []


def test_finished_parent_stays_finished_after_a_restart() -> None:
    place = Place()
    place.put("a")
    parent = place.shard_id
    place.stream.split(parent)
    place.put("b", "c")
    (shard,) = (reader := place.reader()).shards()
    reader.read(shard, 10)
    reader.finished(parent)
    again = place.reader()
    assert parent not in [each.shard_id for each in again.shards()]
    assert sorted(handled(again)) == ["b", "c"]


def test_list_of_shards_is_asked_for_seldom_while_nothing_happens() -> None:
    place = Place()
    reader = place.reader()
    for _ in range(400):
        assert handled(reader) == []
        place.clock.wait(0.02)
    assert place.stream.calls.count("describe_stream") == 1
    assert place.stream.calls.count("TRIM_HORIZON") == 1


def test_child_is_found_as_soon_as_its_parent_is_done() -> None:
    place = Place()
    reader = place.reader()
    handled(reader)
    place.stream.close_shard(place.shard_id)
    place.put("c1")
    assert handled(reader) == ["c1"], "without any time passing"


def test_child_that_is_listed_late_is_looked_for_every_second() -> None:
    place = Place()
    reader = place.reader()
    parent = place.shard_id
    (shard,) = reader.shards()
    (child,) = place.stream.close_shard(parent)
    place.stream._shards, hidden = {parent: place.stream._shards[parent]}, place.stream._shards
    assert reader.read(shard, 10).exhausted
    reader.finished(parent)
    assert reader.shards() == ()
    asked = len(place.stream.calls)
    place.clock.wait(LOOK_FOR_CHILD - 0.1)
    assert (reader.shards(), len(place.stream.calls)) == ((), asked)
    place.stream._shards = hidden
    place.clock.wait(0.2)
    assert [each.shard_id for each in reader.shards()] == [child]


def test_t67_stream_that_is_off_is_read_to_its_end_and_then_left_alone() -> None:
    place = Place()
    reader = place.reader()
    handled(reader)
    place.put("a", "b")
    place.stream.disable()
    assert handled(reader) == ["a", "b"]
    assert (reader.status, reader.shards()) == ("DISABLED", ())
    asked = len(place.stream.calls)
    for _ in range(100):
        place.clock.wait(0.02)
        assert reader.shards() == ()
    assert len(place.stream.calls) == asked
    place.clock.wait(DAY + 1)
    assert (reader.shards(), reader.status) == ((), "GONE")


def test_latest_on_a_stream_that_is_off_has_nothing_to_read() -> None:
    place = Place()
    place.put("a")
    place.stream.disable()
    reader = place.reader("LATEST")
    reader.attach()
    assert (reader.status, handled(reader)) == ("DISABLED", [])


def test_engine_that_is_away_is_told_and_reading_goes_on_when_it_is_back() -> None:
    place = Place()
    reader = place.reader()
    place.put("a")
    (shard,) = reader.shards()
    reader.read(shard, 10)
    place.put("b")
    place.stream.unreachable = True
    with pytest.raises(Unreachable):
        reader.read(shard, 10)
    place.clock.wait(LOOK_EVERY)
    for _ in range(2):
        with pytest.raises(Unreachable):
            reader.shards()
    place.stream.unreachable = False
    assert handled(reader) == ["b"]


def test_t39_restarted_engine_that_lost_the_stream_leaves_the_mapping_quiet_and_a_new_one_starts_anew() -> None:
    place = Place()
    place.put("a", "b")
    reader = place.reader()
    assert handled(reader) == ["a", "b"]
    (shard,) = reader.shards()
    place.clock.wait(5)
    old = place.stream.arn
    SimulatedStream.__init__(place.stream, place.clock)
    assert place.stream.arn != old
    place.put("c")
    page = reader.read(shard, 10)
    assert (page.records, page.exhausted, reader.status, reader.shards()) == ((), False, "GONE", ())
    asked = len(place.stream.calls)
    assert (reader.read(shard, 10).records, len(place.stream.calls)) == ((), asked), "left alone"
    assert handled(place.reader("TRIM_HORIZON")) == ["c"], "numbers begin anew, and no old checkpoint counts"


def test_stream_that_is_found_again_is_read_on() -> None:
    place = Place()
    reader = place.reader()
    place.put("a")
    assert handled(reader) == ["a"]
    (shard,) = reader.shards()
    place.stream.arn, arn = "another", place.stream.arn
    assert reader.read(shard, 10).records == ()
    assert (reader.status, reader.shards()) == ("GONE", ())
    place.stream.arn = arn
    place.put("b")
    place.clock.wait(LOOK_EVERY)
    assert (handled(reader), reader.status) == (["b"], "ENABLED")


def test_unknown_stream_is_gone_from_the_beginning() -> None:
    place = Place()
    reader = place.reader("LATEST")
    place.stream.arn = "another"
    reader.attach()
    assert (reader.status, handled(reader)) == ("GONE", [])


def test_shard_that_was_trimmed_away_before_its_end_counts_as_exhausted() -> None:
    place = Place()
    place.put("a")
    reader = place.reader()
    (shard,) = reader.shards()
    reader.read(shard, 1)
    place.stream.close_shard(place.shard_id)
    place.clock.wait(DAY + 1)
    place.put("b")
    page = reader.read(shard, 10)
    assert (page.exhausted, [caution.code for caution in page.cautions]) == (True, ["records-trimmed"])
    reader.finished(shard.shard_id)
    assert handled(reader) == ["b"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["roll", "split"]), st.integers(0, 3)),
        st.tuples(st.just("read"), st.integers(1, 3)),
        st.tuples(st.just("wait"), st.sampled_from([0.02, 1.0, 1000.0])),
        st.tuples(st.sampled_from(["restart", "away"]), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(steps=STEPS, shards=st.integers(1, 3), position=st.sampled_from(["TRIM_HORIZON", "LATEST"]))
def test_everything_comes_once_and_each_item_in_order(steps: list[tuple[str, int]], shards: int, position: str) -> None:
    """What was read and not passed comes again after a restart; here each page is passed at once."""
    place = Place(shards=shards)
    place.put("before") if position == "LATEST" else None
    reader = place.reader(position)
    reader.attach()
    written: list[str] = []
    seen: list[str] = []
    for step, number in steps:
        match step:
            case "put":
                # Items are told apart by their first letter; each one's writes are counted.
                item = "abcdef"[number]
                written.append(place.stream.put(_write(item)))
            case "roll" | "split":
                shard = place.stream.open_shards[number % len(place.stream.open_shards)]
                place.stream.close_shard(shard, children=1 + (step == "split"))
            case "read":
                seen += _read_some(reader, number)
            case "wait":
                place.clock.wait(number)
            case "restart":
                reader = place.reader(position)
            case "away":
                place.stream.unreachable = True
                place.clock.wait(LOOK_EVERY)
                with pytest.raises(Unreachable):
                    reader.shards()
                place.stream.unreachable = False
    while more := _read_some(reader, 1000):
        seen += more
    place.clock.wait(LOOK_EVERY)
    seen += _read_some(reader, 1000)
    assert sorted(seen) == sorted(f"{number} {item}" for number, item in _by_number(place, written))
    for item in "abcdef":
        numbers = [text for text in seen if text.endswith(item)]
        assert numbers == sorted(numbers)


def _write(item: str) -> dict[str, object]:
    return {"eventName": "MODIFY", "dynamodb": {"Keys": {"pk": {"S": item}}}}


def _by_number(place: Place, written: list[str]) -> list[tuple[str, str]]:
    kept = (record for shard in place.stream._shards.values() for record in shard.records)
    items = {each["dynamodb"]["SequenceNumber"]: each["dynamodb"]["Keys"]["pk"]["S"] for each in kept}
    return [(number, items[number]) for number in written]


def _read_some(reader: StreamReader, limit: int) -> list[str]:
    """One round over the shards that may be read, and more rounds as long as a shard ends."""
    seen: list[str] = []
    again = True
    while again:
        again = False
        for shard in reader.shards():
            page = reader.read(shard, limit)
            seen += [
                f"{record.sequence_number} {name}"
                for record, name in zip(page.records, names(page.records), strict=True)
            ]
            if page.records:
                reader.passed(shard.shard_id, page.records[-1].sequence_number)
            if page.exhausted:
                reader.finished(shard.shard_id)
                again = True
    return seen
