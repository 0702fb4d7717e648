"""Items of Python and items in DynamoDB JSON come to the same shape, as boto3 has it."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.testing.typed import canonical, is_typed, plain, typed, typed_item

#: Of at most 38 digits, which is all that DynamoDB keeps and boto3 sends.
INTEGERS = st.integers(-(10**30), 10**30)
NUMBERS = INTEGERS | st.decimals(-(10**20), 10**20, allow_nan=False, places=6)
SCALARS = st.none() | st.booleans() | st.text() | st.binary() | NUMBERS
SETS = (
    st.sets(st.text(min_size=1), min_size=1)
    | st.sets(st.binary(min_size=1), min_size=1)
    | st.sets(INTEGERS, min_size=1)
)
VALUES = st.recursive(
    SCALARS | SETS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_as_boto3_types_it(value: Any) -> None:
    assert typed(value) == canonical(TypeSerializer().serialize(value))


@given(st.dictionaries(st.text(min_size=1), VALUES, min_size=1, max_size=3))
def test_an_item_in_either_shape_is_one_item(item: dict[str, Any]) -> None:
    in_json = {name: typed(value) for name, value in item.items()}
    assert typed_item(in_json) == in_json
    if not is_typed(item):
        assert typed_item(item) == in_json


def test_numbers_and_sets_have_one_spelling() -> None:
    assert canonical({"N": "1.50"}) == typed(Decimal("1.5"))
    assert canonical({"NS": ["2", "1.0"]}) == typed({1, 2})
    assert canonical({"SS": ["b", "a"]}) == typed(frozenset("ab"))


def test_bytes_are_base64_whoever_gives_them() -> None:
    text = base64.b64encode(b"\0\xff").decode()
    assert typed(b"\0\xff") == typed(bytearray(b"\0\xff")) == typed(Binary(b"\0\xff")) == canonical({"B": b"\0\xff"})
    assert canonical({"B": text}) == {"B": text}


def test_plain_is_for_reading() -> None:
    assert plain(typed({"n": 1, "d": Decimal("1.5"), "l": ["a", None, True]})) == {
        "n": 1,
        "d": Decimal("1.5"),
        "l": ["a", None, True],
    }


@pytest.mark.parametrize("value", [1.5, object(), {1, "a"}, set()])
def test_what_dynamodb_has_no_type_for(value: object) -> None:
    with pytest.raises(UsageError, match="DynamoDB has no"):
        typed(value)
