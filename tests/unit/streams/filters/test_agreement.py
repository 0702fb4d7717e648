"""The matcher and a naive one say the same of random records and patterns."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from harness.streams.filters.criteria import FilterCriteria
from tests.unit.streams.filters import naive

# Few names and values, so that records and patterns meet.
NAMES = st.sampled_from(["a", "b", "S", "$x"])
TEXTS = st.sampled_from(["", "x", "X", "xy", "yx", "1", "true"])
NUMBERS = st.sampled_from([0, 1, 1.0, -1, 2.5])
SCALARS = TEXTS | NUMBERS | st.booleans() | st.none()

RECORDS = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


def numeric() -> st.SearchStrategy[list[Any]]:
    one = st.tuples(st.sampled_from(["=", "<", "<=", ">", ">="]), NUMBERS).map(list)
    span = st.sampled_from([(-1, 0), (-1, 2.5), (0, 1), (1.0, 2.5)])
    ends = st.tuples(st.sampled_from([">", ">="]), span, st.sampled_from(["<", "<="]))
    return one | ends.map(lambda end: [end[0], end[1][0], end[2], end[1][1]])


def several(element: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return element | st.lists(element, min_size=1, max_size=3)


FULL_TEXTS = st.sampled_from(["x", "X", "xy", "yx"])
RULES = st.one_of(
    SCALARS,
    st.fixed_dictionaries({"prefix": TEXTS}),
    st.fixed_dictionaries({"suffix": TEXTS}),
    st.fixed_dictionaries({"equals-ignore-case": TEXTS}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"numeric": numeric()}),
    st.fixed_dictionaries({"anything-but": several(TEXTS) | several(NUMBERS)}),
    st.sampled_from(["prefix", "suffix", "equals-ignore-case"]).flatmap(
        lambda inner: st.fixed_dictionaries({"anything-but": st.fixed_dictionaries({inner: several(FULL_TEXTS)})})
    ),
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = st.dictionaries(NAMES, inner, min_size=1, max_size=2)
    alternatives = st.lists(fields, min_size=2, max_size=3)
    return fields | st.builds(lambda some, either: some | {"$or": either}, fields, alternatives)


RULE_LISTS = st.lists(RULES, min_size=1, max_size=2)
PATTERNS = objects(RULE_LISTS | objects(RULE_LISTS | objects(RULE_LISTS)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record, and a pattern for places that it has: most random pairs have nothing to do with each other."""
    data = draw(RECORDS)
    leaves: naive.Leaves = []
    naive.flatten(data, (), leaves)
    pattern: dict[str, Any] = {}
    for path, value in draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=2)) if leaves else []:
        inner = pattern
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
            if isinstance(inner, list):
                break
        else:
            inner[path[-1]] = draw(RULE_LISTS | st.just([value]))
    return data, pattern or draw(PATTERNS)


@settings(max_examples=200)
@given(cases())
def test_pattern_for_places_that_are_there(case: tuple[dict[str, Any], dict[str, Any]]) -> None:
    data, pattern = case
    text = json.dumps(pattern)
    expected = naive.matches(text, data)
    event(f"matches: {expected}")
    assert FilterCriteria.of([text]).matches(data) is expected


@settings(max_examples=120)
@given(st.lists(RECORDS, min_size=1, max_size=4), PATTERNS)
def test_one_pattern(records: list[dict[str, Any]], pattern: dict[str, Any]) -> None:
    text = json.dumps(pattern)
    test = FilterCriteria.of([text])
    for data in records:
        expected = naive.matches(text, data)
        event(f"matches: {expected}")
        assert test.matches(data) is expected


@settings(max_examples=40)
@given(RECORDS, st.lists(PATTERNS, max_size=3))
def test_several_patterns(data: dict[str, Any], patterns: list[dict[str, Any]]) -> None:
    texts = [json.dumps(pattern) for pattern in patterns]
    expected = not texts or any(naive.matches(text, data) for text in texts)
    assert FilterCriteria.of(texts).matches(data) is expected
