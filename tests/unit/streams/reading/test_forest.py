"""Which shards may be read, whatever order they are listed in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import EnvironmentFailure
from harness.streams.reading.forest import Forest, describe


def shard(shard_id: str, parent: str | None = None, *, ending: str | None = None) -> dict[str, Any]:
    numbers = {"StartingSequenceNumber": "1"} | ({"EndingSequenceNumber": ending} if ending else {})
    return {"ShardId": shard_id, "SequenceNumberRange": numbers} | ({"ParentShardId": parent} if parent else {})


def ids(forest: Forest, *finished: str) -> list[str]:
    return [each.shard_id for each in forest.ready(set(finished))]


@given(st.data())
def test_every_shard_is_read_once_and_after_its_parent(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    parents = {
        f"s{number}": data.draw(st.sampled_from([None, "trimmed", *(f"s{other}" for other in range(number))]))
        for number in range(count)
    }
    listed = data.draw(st.permutations([shard(each, parent) for each, parent in parents.items()]))
    forest, finished = Forest.of(listed), set[str]()
    while ready := forest.ready(finished):
        assert list(ready) == sorted(ready, key=lambda each: each.shard_id)
        for each in ready:
            assert each.parent_id is None or each.parent_id in finished | {"trimmed"}
        finished.add(data.draw(st.sampled_from(ready)).shard_id)
    assert finished == set(parents)


def test_child_waits_for_its_parent_alone() -> None:
    forest = Forest.of([shard("s3", "s1"), shard("s1", ending="9"), shard("s2")])
    assert ids(forest) == ["s1", "s2"]
    assert ids(forest, "s1") == ["s2", "s3"]
    assert [each.closed for each in forest.shards] == [True, False, False]
    assert "s3" in forest
    assert "s4" not in forest


def test_parent_that_is_trimmed_away_holds_nothing_back() -> None:
    assert ids(Forest.of([shard("s2", "s1")])) == ["s2"]


def test_stream_that_is_off_has_no_open_shard() -> None:
    assert Forest.of([shard("s1")], enabled=False).shards[0].closed


@pytest.mark.parametrize(
    ("shards", "words"),
    [
        ([shard("a", "b"), shard("b", "c"), shard("c", "a")], "a is its own ancestor: a < b < c < a"),
        ([shard("a", "a")], "a is its own ancestor"),
        ([shard("x"), shard("a", "x"), shard("a")], "a has two parents, x and None"),
        ([{"SequenceNumberRange": {}}], "a shard without an id"),
    ],
)
def test_shards_that_make_no_sense_are_refused(shards: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(EnvironmentFailure, match=words):
        Forest.of(shards)


class Pages:
    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = list(pages)
        self.asked: list[str | None] = []

    def describe_stream(self, **parameters: Any) -> dict[str, Any]:
        self.asked.append(parameters.get("ExclusiveStartShardId"))
        return {"StreamDescription": self.pages.pop(0)}


def test_all_pages_are_read() -> None:
    api: Any = Pages(
        {"Shards": [shard("s2", "s1")], "LastEvaluatedShardId": "s2", "StreamStatus": "ENABLED"},
        {"Shards": [shard("s1")], "StreamStatus": "DISABLED"},
    )
    status, forest = describe(api, "arn")
    assert (status, [each.shard_id for each in forest.shards]) == ("DISABLED", ["s1", "s2"])
    assert api.asked == [None, "s2"]


def test_pages_that_go_in_a_circle_are_refused() -> None:
    page = {"Shards": [shard("s2")], "LastEvaluatedShardId": "s2"}
    with pytest.raises(EnvironmentFailure, match="the page after s2 ends with s2"):
        describe(Pages(page, page), "arn")  # type: ignore[arg-type]
