"""T48 to T57 through the poller: what no filter lets through is never sent, and passed for good."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.streams.cases.stage import Stage, change


def patterns(*objects: dict[str, Any]) -> tuple[str, ...]:
    return tuple(map(json.dumps, objects))


def image(**fields: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": fields}}


def test_t48_insertions_only() -> None:
    stage = Stage(filter_patterns=patterns({"eventName": ["INSERT"]}))
    stage.put(change("a"), change("a", name="MODIFY", old={}, x={"S": "1"})).drain()
    assert stage.invokes == "1"
    assert stage.metrics["FilteredOutEventCount"] == 1


def test_t49_an_attribute_is_named_with_its_type() -> None:
    writes = (change("a", presentKey={"S": "presentValue"}), change("b"))
    typed = Stage(filter_patterns=patterns(image(presentKey={"S": ["presentValue"]}))).put(*writes).drain()
    bare = Stage(filter_patterns=patterns(image(presentKey=["presentValue"]))).put(*writes).drain()
    assert (typed.invokes, bare.invokes) == ("1", "")


def test_t55_any_of_two_filters_is_enough() -> None:
    stage = Stage(filter_patterns=patterns(image(state={"S": ["FL"]}), image(state={"S": ["CA"]})))
    stage.put(*(change(state, state={"S": state}) for state in ("FL", "NY", "CA", "TX"))).drain()
    assert stage.invokes == "1+3"


def test_t56_a_batch_counts_what_matches() -> None:
    stage = Stage(batch_size=2, filter_patterns=patterns(image(even={"BOOL": [True]})))
    stage.put(*(change(f"item {number}", even={"BOOL": number % 2 == 0}) for number in range(1, 7))).drain()
    assert stage.invokes == "2+4 6"
    assert stage.checkpoint == 6
    assert stage.metrics["FilteredOutEventCount"] == 3


def test_t57_what_does_not_match_is_passed_for_good() -> None:
    only = patterns({"eventName": ["REMOVE"]})
    stage = Stage(filter_patterns=only).write(3).drain()
    assert (stage.invokes, stage.checkpoint) == ("", 3)
    again = Stage(over=stage, filter_patterns=only).drain()
    assert again.metrics["PolledEventCount"] == 0
