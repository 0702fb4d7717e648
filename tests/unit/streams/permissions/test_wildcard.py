from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.streams.permissions.wildcard import covers


def naive(pattern: str, text: str) -> bool:
    """By the definition: a star is nothing, or one character and a star again."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return naive(pattern[1:], text) or bool(text and naive(pattern, text[1:]))
    return bool(text) and (pattern[0] in {"?", text[0]}) and naive(pattern[1:], text[1:])


@settings(max_examples=400, deadline=None)
@given(pattern=st.text("ab:*?", max_size=8), text=st.text("ab:", max_size=8))
@example(pattern="a*b*a", text="aabba")
def test_covers_is_what_a_naive_matcher_says(pattern: str, text: str) -> None:
    assert covers(pattern, text) is naive(pattern, text)


@settings(max_examples=300, deadline=None)
@given(outer=st.text("ab*?", max_size=6), inner=st.text("ab*?", max_size=6), text=st.text("ab", max_size=5))
def test_a_pattern_that_covers_a_pattern_matches_all_that_it_matches(outer: str, inner: str, text: str) -> None:
    if covers(outer, inner) and naive(inner, text):
        assert naive(outer, text)


def test_case_counts_unless_told() -> None:
    assert covers("dynamodb:putitem", "dynamodb:PutItem", fold_case=True)
    assert not covers("arn:table/t", "arn:table/T")


@pytest.mark.parametrize(("pattern", "text"), [("stream/?", "stream/*"), ("a", "a*"), ("a?", "a*")])
def test_one_character_never_covers_any_number_of_them(pattern: str, text: str) -> None:
    assert not covers(pattern, text)


def test_many_stars_take_no_time() -> None:
    assert not covers("*a" * 40 + "b", "a" * 4000)
