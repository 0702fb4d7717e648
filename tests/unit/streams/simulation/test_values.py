"""What DynamoDB takes for equal, and what it would not take at all."""

from __future__ import annotations

from typing import Any

import pytest

from harness.streams.simulation.values import canonical, complaints


def of(value: Any) -> list[str]:
    return list(complaints({"a": value}, "item", is_binary=lambda content: isinstance(content, bytes)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"N": "1.0"}),
        ({"N": "-0"}, {"N": "0"}),
        ({"NS": ["10", "9"]}, {"NS": ["9.0", "1e1"]}),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"BS": [b"\xff", b""]}, {"BS": [b"", b"\xff"]}),
        ({"L": [{"M": {"x": {"N": "1e3"}}}]}, {"L": [{"M": {"x": {"N": "1000"}}}]}),
        ({"M": {"s": {"SS": ["a", "b"]}}}, {"M": {"s": {"SS": ["b", "a"]}}}),
    ],
)
def test_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert canonical({"a": one}) == canonical({"a": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"S": "1"}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"SS": ["a"]}, {"SS": ["a", "b"]}),
        ({"BOOL": True}, {"NULL": True}),
        ({"N": "0.1"}, {"N": "0.10000000000000000000000000000000000001"}),
    ],
)
def test_not_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert canonical({"a": one}) != canonical({"a": other})


@pytest.mark.parametrize(
    "value",
    [
        {"S": ""},
        {"N": "-1.5E+10"},
        {"N": f"{'9' * 38}"},
        {"N": "1e125"},
        {"N": "0e-999"},
        {"B": b""},
        {"BOOL": False},
        {"NULL": True},
        {"L": []},
        {"M": {}},
        {"NS": ["1"]},
    ],
)
def test_can_be_stored(value: dict[str, Any]) -> None:
    assert of(value) == []


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("text", "item.a should be one typed value"),
        ({}, "item.a should be one typed value"),
        ({"S": "x", "N": "1"}, "item.a should be one typed value"),
        ({"N": 5}, "item.a.N should be a number in quotes"),
        ({"N": "NaN"}, "item.a.N should be a number"),
        ({"N": ""}, "item.a.N should be a number"),
        ({"N": "1e126"}, "item.a.N should be a number"),
        ({"N": "1e-131"}, "item.a.N should be a number"),
        ({"N": "1e9999999999"}, "item.a.N should be a number"),
        ({"N": f"{'9' * 39}"}, "item.a.N should be a number"),
        ({"N": "٣"}, "item.a.N should be a number"),
        ({"S": None}, "item.a.S should be a text"),
        ({"B": "eA=="}, "item.a.B should be binary data"),
        ({"BOOL": 1}, "item.a.BOOL should be true or false"),
        ({"NULL": False}, "item.a.NULL should be true"),
        ({"SS": []}, "item.a.SS should be a list of at least one"),
        ({"SS": ["x", 1]}, "item.a.SS holds 1"),
        ({"NS": ["1", "1.0"]}, "item.a.NS holds something twice"),
        ({"SS": ["x", "x"]}, "item.a.SS holds something twice"),
        ({"L": {}}, "item.a.L should be a list"),
        ({"M": []}, "item.a.M should be an object"),
        ({"X": 1}, "item.a has the type 'X'"),
        ({"L": [{"S": "ok"}, {"M": {"x": {"N": 1}}}]}, "item.a.L[1].M.x.N should be a number"),
    ],
)
def test_cannot_be_stored(value: Any, complaint: str) -> None:
    (found,) = of(value)
    assert found.startswith(complaint)


def test_depth_has_an_end() -> None:
    deep: dict[str, Any] = {"S": "x"}
    for _ in range(5_000):
        deep = {"L": [deep]}
    (found,) = of(deep)
    assert "nested deeper than 32 levels" in found


def test_an_item_is_an_object() -> None:
    assert list(complaints([], "item", is_binary=bool)) == ["item should be an object of typed values, and is []"]


def test_a_set_of_numbers_is_kept_in_their_order() -> None:
    assert canonical({"a": {"NS": ["10", "-1", "9.50"]}}) == {"a": {"NS": ["-1", "9.5", "10"]}}
