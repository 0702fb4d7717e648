"""What may stand in a pattern, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.streams.filters.advice import advise
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.filters.pattern import InvalidPattern, parse_pattern
from harness.streams.filters.rule import Bound, Rule

REFUSED: list[tuple[str, str]] = [
    ("single-string", "not JSON"),
    ('[{"eventName": ["INSERT"=123}]', "not JSON"),
    ("", "not JSON"),
    ("{'a': ['b']}", "not JSON"),
    ('{"a": [NaN]}', "NaN"),
    ('{"a": [-Infinity]}', "Infinity"),
    ('{"a": [1e999]}', "a: the number is too large"),
    ('{"a": [' + "1" * 5000 + "]}", "not JSON"),
    ("[" * 100_000, "not JSON"),
    ('"single-string"', 'the whole pattern: an object belongs here, not "single-string"'),
    ("[]", "an object belongs here, not a list"),
    ("null", "not null"),
    ("{}", "the whole pattern: the object has no keys"),
    ('{"a": {"b": {}}}', "a.b: the object has no keys"),
    ('{"a": []}', "a: the list of rules is empty"),
    ('{"a": "b"}', 'a: an object or a list of rules belongs here, not "b"'),
    ('{"a": {"b": 1}}', "a.b: an object or a list"),
    ('{"a": null}', "a: "),
    ('{"a": [["b"]]}', "a list can't stand in a list"),
    ('{"a": [{}]}', "has none"),
    ('{"a": [{"prefix": "x", "suffix": "y"}]}', "prefix, suffix"),
    ('{"a": [{"Prefix": "x"}]}', 'no operator "Prefix"'),
    ('{"a": [{"equals": "x"}]}', 'no operator "equals"'),
    ('{"a": ["x", {"b": ["y"]}]}', 'no operator "b"'),
    ('{"a": [{"prefix": 1}]}', "prefix takes a text, not 1"),
    ('{"a": [{"prefix": ["x"]}]}', "prefix takes a text"),
    ('{"a": [{"suffix": null}]}', "suffix takes a text"),
    ('{"a": [{"suffix": {"prefix": "x"}}]}', "suffix takes a text"),
    ('{"a": [{"prefix": {"equals-ignore-case": 1}}]}', "equals-ignore-case takes a text"),
    ('{"a": [{"equals-ignore-case": ["x"]}]}', "equals-ignore-case takes a text"),
    ('{"a": [{"exists": "true"}]}', "exists takes true or false"),
    ('{"a": [{"exists": 1}]}', "exists takes true or false"),
    ('{"a": [{"anything-but": null}]}', "anything-but takes"),
    ('{"a": [{"anything-but": true}]}', "anything-but takes"),
    ('{"a": [{"anything-but": []}]}', "anything-but takes"),
    ('{"a": [{"anything-but": ["x", 1]}]}', "anything-but takes"),
    ('{"a": [{"anything-but": [1, true]}]}', "anything-but takes"),
    ('{"a": [{"anything-but": {}}]}', "not none"),
    ('{"a": [{"anything-but": {"numeric": ["=", 1]}}]}', "not numeric"),
    ('{"a": [{"anything-but": {"prefix": ""}}]}', "not empty"),
    ('{"a": [{"anything-but": {"prefix": []}}]}', "not empty"),
    ('{"a": [{"anything-but": {"prefix": [1, "x"]}}]}', "prefix takes a text, not 1"),
    ('{"a": [{"anything-but": {"prefix": "x", "suffix": "y"}}]}', "prefix, suffix"),
    ('{"a": [{"numeric": 5}]}', "numeric takes a list"),
    ('{"a": [{"numeric": []}]}', "numeric takes a list"),
    ('{"a": [{"numeric": [">"]}]}', "numeric takes a list"),
    ('{"a": [{"numeric": [">", 0, "<"]}]}', "numeric takes a list"),
    ('{"a": [{"numeric": [">", 0, "<", 5, "<", 6]}]}', "numeric takes a list"),
    ('{"a": [{"numeric": [0, ">"]}]}', "no comparison 0"),
    ('{"a": [{"numeric": ["!=", 0]}]}', "no comparison '!='"),
    ('{"a": [{"numeric": [["="], 0]}]}', "no comparison"),
    ('{"a": [{"numeric": [">", "0"]}]}', "takes a number, not '0'"),
    ('{"a": [{"numeric": ["=", true]}]}', "takes a number"),
    ('{"a": [{"numeric": ["=", 1e999]}]}', "too large"),
    ('{"a": [{"numeric": [">", 0, ">", 0]}]}', "lower bound"),
    ('{"a": [{"numeric": ["<", 5, ">", 0]}]}', "lower bound"),
    ('{"a": [{"numeric": ["=", 5, "<", 9]}]}', "lower bound"),
    ('{"a": [{"numeric": [">", 5, "<", 5]}]}', "nothing lies between"),
    ('{"a": [{"wildcard": "a**b"}]}', "wildcard takes"),
    ('{"a": [{"wildcard": "a\\\\b"}]}', "wildcard takes"),
    ('{"a": [{"wildcard": 1}]}', "wildcard takes a text"),
    ('{"a": [{"cidr": "10.0.0.1"}]}', "cidr takes a network"),
    ('{"a": [{"cidr": "10.0.0.300/8"}]}', "10.0.0.300"),
    ('{"$or": {"a": ["x"]}}', "$or: a list of two or more"),
    ('{"$or": [{"a": ["x"]}]}', "$or: a list of two or more"),
    ('{"b": {"$or": [{"a": ["x"]}, "y"]}}', 'b.$or.1: an object belongs here, not "y"'),
    ('{"$or": [{"a": ["x"]}, {}]}', "$or.1: the object has no keys"),
    ('{"a": [{"prefix": ' + "[" * 800 + "]" * 800 + "}]}", "takes a text, not [["),
    ('{"a":' * 600 + '["x"]' + "}" * 600, "more than 100 levels"),
    ('{"$or":[' * 300 + '{"a":["x"]},{"a":["x"]}' + "]}" * 300, "$or"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[text[:40] or "(nothing)" for text, _ in REFUSED])
def test_refused_in_awss_words_with_a_reason_in_ours(text: str, reason: str) -> None:
    with pytest.raises(InvalidPattern) as refused:
        parse_pattern(text)
    assert str(refused.value) == "Invalid filter pattern definition."
    assert reason in refused.value.reason


@pytest.mark.parametrize("text", ["single-string", '[{"eventName": ["INSERT"=123}]'])
def test_t58_recorded_refusals(text: str) -> None:
    with pytest.raises(InvalidPattern, match=r"^Invalid filter pattern definition\.$"):
        FilterCriteria.of([text])


def test_reason_names_the_filter_where_there_are_several() -> None:
    with pytest.raises(InvalidPattern) as refused:
        FilterCriteria.of(['{"a": ["b"]}', '{"a": []}'])
    assert refused.value.reason == "filter 2: a: the list of rules is empty"


@pytest.mark.parametrize(
    ("rule", "parsed"),
    [
        ("x", Rule(operator="equals", operand="x")),
        ("", Rule(operator="equals", operand="")),
        (None, Rule(operator="equals", operand=None)),
        (True, Rule(operator="equals", operand=True)),
        (1.5, Rule(operator="equals", operand=1.5)),
        ({"prefix": ""}, Rule(operator="prefix", operand="")),
        ({"suffix": "x"}, Rule(operator="suffix", operand="x")),
        ({"equals-ignore-case": "x"}, Rule(operator="equals-ignore-case", operand="x")),
        ({"exists": False}, Rule(operator="exists", operand=False)),
        (
            {"anything-but": {"suffix": "x"}},
            Rule(operator="anything-but", operand=(Rule(operator="suffix", operand="x"),)),
        ),
        ({"anything-but": [1]}, Rule(operator="anything-but", operand=(Rule(operator="equals", operand=1),))),
        (
            {"numeric": [">", 0, "<=", 10]},
            Rule(
                operator="numeric",
                operand=(Bound(comparison=">", number=0), Bound(comparison="<=", number=10)),
            ),
        ),
    ],
)
def test_rules(rule: Any, parsed: Rule) -> None:
    pattern = parse_pattern(json.dumps({"a": [rule]}))
    assert list(pattern.root.rules()) == [(("a",), (parsed,))]


def test_rules_are_told_with_their_places_those_of_alternatives_too() -> None:
    text = '{"a": {"$or": [{"b": [1]}, {"b": {"c": [2]}}], "d": [3]}, "e": [4]}'
    places = [(".".join(path), rules[0].operand) for path, rules in parse_pattern(text).root.rules()]
    assert sorted(places) == [("a.b", 1), ("a.b.c", 2), ("a.d", 3), ("e", 4)]


def test_repeated_keys_are_remembered_and_the_last_counts() -> None:
    pattern = parse_pattern('{"a": ["gone"], "a": {"b": ["gone"], "b": ["kept"], "c": ["kept"]}}')
    assert pattern.repeated == (("a",), ("a", "b"))
    assert [(path, rules[0].operand) for path, rules in pattern.root.rules()] == [
        (("a", "b"), "kept"),
        (("a", "c"), "kept"),
    ]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
WORDS = st.sampled_from(
    ["a", "$or", "prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard", "cidr"]
)
JSON = st.recursive(
    SCALARS | st.sampled_from(["=", "<", ">", "10.0.0.0/8"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


def taken(text: str) -> FilterCriteria | None:
    try:
        return FilterCriteria.of([text])
    except InvalidPattern:
        return None


@settings(max_examples=300)
@given(JSON | st.dictionaries(WORDS, JSON, max_size=3))
def test_any_json_is_taken_or_refused(value: Any) -> None:
    made = taken(json.dumps(value))
    if made is not None:
        assert isinstance(value, dict)
        assert made.matches({"a": "x"}) in (True, False)
        assert isinstance(advise(made, view_type=None), tuple)


@settings(max_examples=200)
@given(st.text(alphabet='{}[]":,a1\\ $or', max_size=30))
def test_any_text_is_taken_or_refused(text: str) -> None:
    assert taken(text) is None or text.strip().startswith("{")
