"""Cursors: what was made is read back, what was not is refused, and nothing crashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.target import Refused
from scenarios.messaging import cursor


@given(st.text(), st.text(min_size=1))
def test_cursor_is_read_back(pk: str, sk: str) -> None:
    item = {"pk": {"S": pk}, "sk": {"S": sk}}
    assert cursor.decode(cursor.encode(item), pk=pk) == item


@given(st.text(min_size=1), st.text())
def test_anything_else_is_refused(text: str, pk: str) -> None:
    with pytest.raises(Refused):
        cursor.decode(text, pk=pk + "!")


@given(st.text(), st.text(), st.text(min_size=1))
def test_cursor_of_another_list_is_refused(pk: str, other: str, sk: str) -> None:
    made = cursor.encode({"pk": {"S": pk}, "sk": {"S": sk}})
    if pk != other:
        with pytest.raises(Refused):
            cursor.decode(made, pk=other)
