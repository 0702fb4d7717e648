"""What was written, against what was expected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.stores.recorder import Call
from harness.testing.typed import typed_item
from harness.testing.written import changed_keys, compare_written

if TYPE_CHECKING:
    from harness.dataset import Item


def call(operation: str, error: str | None = None, **request: Any) -> Call:
    return Call(operation=operation, request=request, capacity=1.0, error=error)


def keys(*calls: Call) -> list[tuple[str, Item]]:
    asked: list[str] = []

    def key_of(table: str) -> list[str]:
        asked.append(table)
        return ["pk"]

    found = changed_keys(calls, key_of)
    assert len(asked) == len(set(asked))
    return [(table, json.loads(key)) for table, key in found]


def item(pk: str, **more: object) -> Item:
    return typed_item({"pk": pk, **more})


def test_every_writing_operation_is_seen_once_an_item() -> None:
    assert keys(
        call("PutItem", TableName="t", Item=item("a", n=1)),
        call("UpdateItem", TableName="arn:aws:dynamodb:us-east-1:1:table/t", Key=item("a")),
        call("DeleteItem", TableName="t", Key=item("b")),
        call(
            "BatchWriteItem",
            RequestItems={"u": [{"PutRequest": {"Item": item("c")}}, {"DeleteRequest": {"Key": item("d")}}]},
        ),
        call(
            "TransactWriteItems",
            TransactItems=[
                {"Put": {"TableName": "t", "Item": item("e")}},
                {"ConditionCheck": {"TableName": "t", "Key": item("f")}},
            ],
        ),
        call("Query", TableName="t"),
    ) == [("t", item("a")), ("t", item("b")), ("u", item("c")), ("u", item("d")), ("t", item("e"))]


def test_what_was_refused_wrote_nothing() -> None:
    assert keys(call("PutItem", error="ConditionalCheckFailedException", TableName="t", Item=item("a"))) == []


def compared(there: dict[str, Item | None], *expected: dict[str, Any], deleted: tuple[dict[str, Any], ...] = ()) -> Any:
    places = {("t", pk): found for pk, found in there.items()}
    return compare_written(places, {("t", pk): item(pk) for pk in there}, expected, deleted)


def test_equal_is_nothing_to_tell() -> None:
    there = {"a": item("a", n=1), "b": None}
    assert compared(there, {"pk": "a", "n": 1}, deleted=({"pk": "b"},)) is None
    assert compared(there, {"pk": {"S": "a"}, "n": {"N": "1.0"}}, deleted=({"pk": "b"},)) is None
    assert compared({}) is None


def test_only_what_differs_is_told() -> None:
    there: dict[str, Item | None] = {"a": item("a"), "b": item("b", n=1)}
    assert compared(there, {"pk": "a"}, {"pk": "b", "n": 2}) == (
        "1 as expected, and wrote {'n': 2, 'pk': 'b'}",
        "1 as expected, and wrote {'n': 1, 'pk': 'b'}",
    )
    assert compared({}, {"pk": "a"}) == ("wrote {'pk': 'a'}", "nothing else")
    assert compared({"a": None}) == ("nothing else", "deleted {'pk': 'a'}")


def test_a_text_is_no_number() -> None:
    assert compared({"a": item("a", n="1")}, {"pk": "a", "n": 1}) is not None
