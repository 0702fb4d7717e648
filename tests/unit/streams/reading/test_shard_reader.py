"""One shard, and everything that happens to its iterators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harness.stores.streams_api import StreamGone, Unreachable
from tests.unit.streams.reading.small import NOON, Place, change, names

DAY = 24 * 3600.0


def test_records_come_in_order_and_as_the_handler_sees_them() -> None:
    place = Place()
    numbers = place.put("a", "b", "c")
    reader = place.shard_reader()
    first, second = reader.read(2), reader.read(2)
    assert (names(first.records), names(second.records)) == (["a", "b"], ["c"])
    assert [record.sequence_number for record in first.records] == numbers[:2]
    record = first.records[0]
    assert (record.shard_id, record.created_at) == (place.shard_id, NOON)
    assert record.data["eventSourceARN"] == place.stream.arn
    assert [first.exhausted, second.exhausted, first.cautions] == [False, False, ()]


def test_t18_large_batches_take_several_pages_of_a_thousand() -> None:
    place = Place()
    place.put(*(f"{number}" for number in range(2500)))
    reader, seen = place.shard_reader(), list[str]()
    while len(seen) < 2500:
        seen += names(reader.read(2500 - len(seen)).records)
    assert seen == [f"{number}" for number in range(2500)]
    assert place.stream.limits == [1000, 1000, 500]


def test_iterator_is_kept_from_page_to_page() -> None:
    place = Place()
    reader = place.shard_reader()
    for item in "abc":
        reader.read(10)
        place.put(item)
    assert names(reader.read(10).records) == ["c"]
    assert place.stream.calls == ["TRIM_HORIZON", *["get_records"] * 4]


def test_reading_begins_behind_the_checkpoint() -> None:
    place = Place()
    numbers = place.put("a", "b", "c")
    assert names(place.shard_reader(after=numbers[1]).read(10).records) == ["c"]


def test_closed_shard_ends_with_its_last_records() -> None:
    place = Place()
    place.put("a", "b")
    reader = place.shard_reader()
    place.stream.close_shard(place.shard_id)
    first, second, third = reader.read(1), reader.read(1), reader.read(1)
    assert (first.exhausted, second.exhausted) == (False, True)
    assert names(second.records) == ["b"]
    assert (third.records, third.exhausted) == ((), True)


def test_empty_page_is_not_the_end() -> None:
    class Gaps:
        def __init__(self) -> None:
            self.answers: list[dict[str, Any]] = [{"Records": [], "NextShardIterator": "2"}] * 2 + [{"Records": []}]

        def get_shard_iterator(self, **_: Any) -> dict[str, Any]:
            return {"ShardIterator": "1"}

        def get_records(self, **_: Any) -> dict[str, Any]:
            return self.answers.pop(0)

    reader = Place().shard_reader()
    reader._api = Gaps()  # type: ignore[assignment]
    assert [reader.read(1).exhausted for _ in range(4)] == [False, False, True, True]


def test_t38_iterator_that_expired_loses_and_repeats_nothing() -> None:
    place = Place()
    place.put("a", "b", "c")
    reader = place.shard_reader()
    seen = names(reader.read(2).records)
    place.clock.wait(901)
    seen += names(reader.read(10).records)
    place.clock.wait(901)
    place.put("d")
    page = reader.read(10)
    assert seen + names(page.records) == ["a", "b", "c", "d"]
    assert page.cautions == ()


def test_iterator_that_expired_before_the_first_record_begins_anew() -> None:
    place = Place()
    reader = place.shard_reader()
    reader.read(10)
    place.clock.wait(901)
    place.put("a")
    assert names(reader.read(10).records) == ["a"]


def test_iterator_that_expires_again_at_once_is_asked_for_next_time() -> None:
    def expire() -> None:
        place.clock.wait(901)
        left.pop()
        if left:
            place.stream.before["get_records"] = expire

    place, left = Place(), [1, 2]
    place.put("a")
    place.stream.before["get_records"] = expire
    reader = place.shard_reader()
    assert reader.read(10).records == ()
    assert names(reader.read(10).records) == ["a"]
    assert left == []


def test_trimmed_checkpoint_goes_on_with_the_oldest_record_and_says_so() -> None:
    place = Place()
    (last,) = place.put("a")
    place.put("lost")
    place.clock.wait(DAY + 1)
    place.put("b")
    page = place.shard_reader(after=last).read(10)
    assert names(page.records) == ["b"]
    (caution,) = page.cautions
    assert (caution.code, caution.sequence_numbers) == ("records-trimmed", (last,))
    assert last in caution.text


def test_records_trimmed_under_a_kept_iterator_are_told() -> None:
    place = Place()
    place.put("a", "lost")
    reader = place.shard_reader()
    reader.read(1)
    place.clock.wait(DAY - 10)
    place.put("b")
    # Less than 15 minutes old when what it points to is trimmed.
    reader._iterator = place.stream.get_shard_iterator(
        StreamArn=place.stream.arn, ShardId=place.shard_id, ShardIteratorType="AFTER_SEQUENCE_NUMBER",
        SequenceNumber=reader._after,
    )["ShardIterator"]  # fmt: skip
    place.clock.wait(20)
    page = reader.read(10)
    assert names(page.records) == ["b"]
    assert [caution.code for caution in page.cautions] == ["records-trimmed"]
    assert reader.read(10).cautions == ()


def test_open_shard_without_any_record_left_goes_on_with_what_comes() -> None:
    place = Place()
    (last,) = place.put("a")
    place.clock.wait(DAY + 1)
    reader = place.shard_reader(after=last)
    assert reader.read(10).records == ()
    assert place.stream.calls == ["AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "TRIM_HORIZON", "get_records"]
    place.put("b")
    page = reader.read(10)
    assert (names(page.records), page.exhausted) == (["b"], False)


def test_record_written_between_the_two_questions_is_not_lost() -> None:
    place = Place()
    place.put("a")
    place.clock.wait(DAY + 1)
    place.stream.before["LATEST"] = lambda: place.put("b")
    assert names(place.shard_reader().read(10).records) == ["b"]


def test_closed_shard_without_any_record_left_is_exhausted() -> None:
    place = Place()
    place.put("a")
    reader = place.shard_reader(closed=True)
    place.clock.wait(DAY - 10)
    place.stream.close_shard(place.shard_id)
    place.clock.wait(20)
    page = reader.read(10)
    assert (page.records, page.exhausted, page.cautions) == ((), True, ())
    assert place.stream.calls == ["TRIM_HORIZON"]


def test_unreachable_engine_keeps_the_place() -> None:
    place = Place()
    place.put("a", "b")
    reader = place.shard_reader()
    reader.read(1)
    place.stream.unreachable = True
    for _ in range(2):
        with pytest.raises(Unreachable):
            reader.read(1)
    place.stream.unreachable = False
    place.stream.calls.clear()
    assert names(reader.read(1).records) == ["b"]
    assert place.stream.calls == ["get_records"]


def test_iterator_that_the_engine_forgot_is_replaced() -> None:
    def forgets() -> None:
        raise StreamGone("Invalid ShardId in ShardIterator")

    place = Place()
    place.put("a", "b")
    reader = place.shard_reader()
    reader.read(1)
    place.stream.before["get_records"] = forgets
    assert names(reader.read(1).records) == ["b"]


def test_shard_that_is_not_there_is_told() -> None:
    place = Place()
    reader = place.shard_reader()
    reader.read(1)
    place.stream.disable()
    place.clock.wait(DAY + 1)
    for _ in range(2):
        with pytest.raises(StreamGone):
            reader.read(1)


def test_skip_to_end_passes_over_what_is_there_and_nothing_else() -> None:
    place = Place()
    numbers = place.put(*(f"{number}" for number in range(1500)))
    reader = place.shard_reader()
    assert reader.skip_to_end() == numbers[-1]
    place.put("new")
    assert names(reader.read(10).records) == ["new"]
    assert Place().shard_reader().skip_to_end() is None


@pytest.mark.parametrize(("strict", "pages"), [(False, ["abcdef"]), (True, ["ab", "cd", "ef"])])
def test_pages_are_cut_at_1_mb_where_that_is_asked_for(strict: bool, pages: list[str]) -> None:  # noqa: FBT001
    place = Place()
    for item in "abcdef":
        place.stream.put(change(item, text={"S": "x" * 400_000}))
    reader = place.shard_reader(strict_paging_1mb=strict)
    place.stream.close_shard(place.shard_id)
    read = []
    for _ in pages:
        assert not reader.exhausted
        read.append(reader.read(10))
    assert reader.exhausted
    assert ["".join(names(page.records)) for page in read] == pages
    assert [page.exhausted for page in read] == [False] * (len(pages) - 1) + [True]
    assert place.stream.calls == ["TRIM_HORIZON", "get_records"]


def test_record_that_alone_is_larger_than_a_page_comes_alone() -> None:
    place = Place()
    for item, size in (("a", 10), ("b", 1_100_000), ("c", 10)):
        place.stream.put(change(item, text={"S": "x" * size}))
    reader = place.shard_reader(strict_paging_1mb=True)
    assert [names(reader.read(2).records) for _ in range(4)] == [["a"], ["b"], ["c"], []]


def test_numbers_keep_the_engines_spelling_where_that_is_asked_for() -> None:
    place = Place()
    place.stream.put(change("a", m={"M": {"n": {"N": "1e3"}}}))
    spelled = [
        place.shard_reader(canonical_numbers=canonical).read(1).records[0].data["dynamodb"]["NewImage"]["m"]
        for canonical in (True, False)
    ]
    assert spelled == [{"M": {"n": {"N": "1000"}}}, {"M": {"n": {"N": "1e3"}}}]


def test_minute_of_dynamodb_local_becomes_the_second_in_which_it_was_read() -> None:
    place = Place(region="ddblocal")
    record = change("a")
    record["dynamodb"]["ApproximateCreationDateTime"] = datetime.fromtimestamp(NOON, UTC)
    place.stream.put(record)
    place.clock.wait(7.9)
    assert place.shard_reader().read(1).records[0].created_at == NOON + 7
