"""DynamoDB's sizes, against figures that were observed and recorded."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.streams.size import attributes_size, number_size, value_size


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("-0", 1),
        ("0.000", 1),
        ("1", 2),
        ("101", 3),
        ("12345", 4),
        ("10000000000", 2),
        ("1E10", 2),
        ("-5", 3),
        ("2.5", 3),
        ("0.5", 2),
        ("100", 2),
        ("10", 2),
        ("1000", 2),
    ],
)
def test_number_size(number: str, size: int) -> None:
    assert number_size(number) == size


@given(st.integers(-(10**30), 10**30), st.integers(0, 9))
def test_number_size_does_not_depend_on_how_it_is_written(number: int, zeros: int) -> None:
    plain = number_size(str(number))
    assert number_size(f"{number}.{'0' * zeros}0") == plain
    assert number_size(f"{number}E0") == plain
    assert plain <= 1 + (len(str(abs(number))) + 1) // 2 + (number < 0)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "é🚀"}, 6),
        ({"B": b"foobar"}, 6),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "101"]}, 5),
        ({"BS": [b"a", b"bc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 3 + (1 + 2) + (1 + 2)),
        ({"M": {"key": {"S": "ab"}}}, 3 + (1 + 2) + 3),
    ],
)
def test_value_size(value: dict[str, Any], size: int) -> None:
    assert value_size(value) == size


def test_unknown_type_is_an_error() -> None:
    with pytest.raises(ValueError, match="XX"):
        value_size({"XX": 1})


def test_size_of_a_recorded_put() -> None:
    """AWS told SizeBytes 70 for this record on a NEW_IMAGE stream."""
    keys = {"my_partition_key": {"S": "hello world"}}
    assert attributes_size(keys) + attributes_size(keys | {"binary_key": {"B": b"foobar"}}) == 70
