"""Which records pass which filters."""

from __future__ import annotations

import copy
import json
from types import MappingProxyType
from typing import Any

import pytest

from harness.streams.filters.criteria import FilterCriteria
from tests.unit.streams.filters.sample import MODIFIED, at, criteria, new, passes, record

TRUTH = [
    (at("eventName", ["INSERT", "MODIFY"]), True),
    (at("eventName", ["INSERT"]), False),
    (new("age.N", ["42"]), True),
    (new("age.N", [42]), False),
    (new("age.N", [{"numeric": [">", 10]}]), False),
    (at("dynamodb.ApproximateCreationDateTime", [{"numeric": [">", 0]}]), True),
    (new("age", [{"exists": True}]), False),
    (new("age.N", [{"exists": True}]), True),
    (new("age", [{"exists": False}]), True),
    (new("zip.S", [{"exists": False}]), True),
    (new("zip.S", [{"anything-but": ["x"]}]), False),
    (new("f.S", [{"anything-but": ["x"]}]), True),
    (new("vip.BOOL", [True]), True),
    (new("vip.BOOL", ["true"]), False),
    (new("f.S", [{"suffix": ".PNG"}]), True),
    (new("f.S", [{"suffix": ".png"}]), False),
    (new("f.S", [{"equals-ignore-case": "A.png"}]), True),
    (new("tags.L.S", ["y"]), True),
    (new("ss.SS", ["b"]), True),
    (at("dynamodb.Keys.pk.S", [{"prefix": "USER#"}]), True),
    ({"$or": [at("eventName", ["REMOVE"]), new("vip.BOOL", [True])]}, True),
    (new("nul.NULL", [True]), True),
    (new("nul.NULL", [None]), False),
    (new("pk", ["USER#1"]), False),
]


@pytest.mark.parametrize(("pattern", "expected"), TRUTH, ids=[json.dumps(pattern) for pattern, _ in TRUTH])
def test_t59_truth_table(pattern: dict[str, Any], *, expected: bool) -> None:
    assert passes(MODIFIED, pattern) is expected


def test_t48_event_name() -> None:
    inserted, modified = record("INSERT", {"pk": {"S": "a"}}), record("MODIFY", {"pk": {"S": "a"}})
    only_inserts = criteria(at("eventName", ["INSERT"]))
    assert [only_inserts.matches(each) for each in (inserted, modified)] == [True, False]


def test_t49_attribute_with_and_without_its_type() -> None:
    having = record("INSERT", {"pk": {"S": "a"}, "presentKey": {"S": "presentValue"}})
    lacking = record("INSERT", {"pk": {"S": "b"}})
    typed, untyped = new("presentKey.S", ["presentValue"]), new("presentKey", ["presentValue"])
    assert [passes(each, typed) for each in (having, lacking)] == [True, False]
    assert [passes(each, untyped) for each in (having, lacking)] == [False, False]


def test_t50_exists_false_above_the_type_lets_all_through() -> None:
    lacking = record("INSERT", {"pk": {"S": "b"}})
    having = record("INSERT", {"pk": {"S": "a"}, "presentKey": {"S": "presentValue"}})
    pattern = new("presentKey", [{"exists": False}])
    assert passes(lacking, pattern)
    assert passes(having, pattern)


def test_t51_numbers_of_items_are_text() -> None:
    pattern = new("numericFilter.N", [{"numeric": [">", 100]}, {"anything-but": "101"}])
    values = {number: record("INSERT", {"numericFilter": {"N": number}}) for number in ("42", "101")}
    assert [number for number, each in values.items() if passes(each, pattern)] == ["42"]


def test_t52_prefix() -> None:
    pattern = new("prefix.S", [{"prefix": "us-1"}])
    texts = ("us-1-other-suffix", "other-us-1", "us")
    assert [s for s in texts if passes(record("INSERT", {"prefix": {"S": s}}), pattern)] == ["us-1-other-suffix"]


def test_t53_creation_time_is_a_number() -> None:
    pattern = at("dynamodb.ApproximateCreationDateTime", [{"numeric": [">", 0]}])
    assert all(passes(record(kind), pattern) for kind in ("INSERT", "MODIFY", "REMOVE"))


def test_t54_deletions_by_time_to_live() -> None:
    pattern = {"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}
    service = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert passes(record("REMOVE", userIdentity=service), pattern)
    assert not passes(record("REMOVE"), pattern)


def test_t55_filters_are_alternatives() -> None:
    filters = [new("state.S", ["FL"]), new("state.S", ["CA"])]
    states = ("FL", "NY", "CA")
    assert [s for s in states if passes(record("INSERT", {"state": {"S": s}}), *filters)] == ["FL", "CA"]


def test_no_filters_let_everything_through() -> None:
    assert criteria().matches(MODIFIED)
    assert criteria().matches({})


def test_all_fields_of_a_pattern_must_pass() -> None:
    pattern = new("age.N", ["42"]) | at("eventName", ["INSERT"])
    assert not passes(MODIFIED, pattern)
    assert passes(MODIFIED, pattern | at("eventName", ["MODIFY"]))


def test_or_stands_beside_fields_and_below_them() -> None:
    either = {"$or": [{"age": {"N": ["1"]}}, {"vip": {"BOOL": [True]}}]}
    assert passes(MODIFIED, at("eventName", ["MODIFY"]) | at("dynamodb.NewImage", either))
    assert not passes(MODIFIED, at("eventName", ["INSERT"]) | at("dynamodb.NewImage", either))
    neither = {"$or": [{"age": {"N": ["1"]}}, {"vip": {"BOOL": [False]}}]}
    assert not passes(MODIFIED, at("dynamodb.NewImage", neither))


def test_missing_values_pass_nothing_but_exists_false() -> None:
    rules = ({"prefix": ""}, {"suffix": ""}, {"equals-ignore-case": ""}, {"anything-but": {"prefix": "x"}}, None, "")
    assert not any(passes(MODIFIED, new("zip.S", [rule])) for rule in (*rules, {"exists": True}))
    assert passes(MODIFIED, new("zip.S", ["no", {"exists": False}]))
    assert not passes(MODIFIED, new("f.S", ["no", {"exists": False}]))


@pytest.mark.parametrize("empty", [[], {}, [[]], [{}]])
def test_empty_lists_and_objects_hold_nothing(empty: Any) -> None:
    data = {"dynamodb": {"NewImage": {"x": empty}}}
    assert passes(data, new("x", [{"exists": False}]))
    assert not passes(data, new("x", [{"exists": True}]))


def test_null_is_a_value() -> None:
    data = {"a": None}
    assert passes(data, {"a": [None]})
    assert passes(data, {"a": [{"exists": True}]})
    assert passes(data, {"a": [{"anything-but": "x"}]})
    assert not passes(data, {"a": ["null", 0, False, ""]})


@pytest.mark.parametrize("value", [1, 1.0])
def test_numbers_are_equal_by_value_and_never_true(value: float) -> None:
    assert all(FilterCriteria.of([f'{{"a": [{text}]}}']).matches({"a": value}) for text in ("1", "1.0", "1e0", "10e-1"))
    assert not passes({"a": value}, {"a": [True, "1"]})
    assert not passes({"a": True}, {"a": [value]})
    assert not passes({"a": True}, {"a": [{"numeric": ["=", 1]}]})


@pytest.mark.parametrize(
    ("numeric", "inside", "outside"),
    [
        (["=", 5], [5, 5.0], [4.999, 6]),
        (["<", 5], [4.999, -1], [5, 6]),
        (["<=", 5], [5, 4], [5.001]),
        ([">", 5], [5.001], [5, 4]),
        ([">=", 5], [5, 6], [4.999]),
        ([">", 0, "<=", 5], [0.001, 5], [0, 5.001]),
        ([">=", 0, "<", 5], [0, 4.999], [-0.001, 5]),
    ],
)
def test_numeric_bounds(numeric: list[Any], inside: list[float], outside: list[float]) -> None:
    test = criteria({"a": [{"numeric": numeric}]})
    assert all(test.matches({"a": value}) for value in inside)
    assert not any(test.matches({"a": value}) for value in [*outside, "5", None, True])


def test_anything_but_in_all_its_forms() -> None:
    def but(value: Any, operand: Any) -> bool:
        return passes({"a": value}, {"a": [{"anything-but": operand}]})

    assert [but(value, "x") for value in ("x", "y", "X", 1, None, True)] == [False, True, True, True, True, True]
    assert [but(value, [1, 2]) for value in (1, 2.0, 3, "1")] == [False, False, True, True]
    assert [but(value, {"prefix": "in"}) for value in ("init", "x", 12)] == [False, True, True]
    assert [but(value, {"suffix": ["a", "b"]}) for value in ("xa", "xb", "xc")] == [False, False, True]
    assert [but(value, {"equals-ignore-case": ["A"]}) for value in ("a", "A", "b")] == [False, False, True]
    assert [but(value, {"wildcard": "*/lib/*"}) for value in ("a/lib/b", "a/b")] == [False, True]
    assert [but(value, "x") for value in (["x", "y"], ["x"], [])] == [True, False, False]


def test_operators_of_eventbridge_are_matched_too() -> None:
    def test(value: Any, rule: Any) -> bool:
        return passes({"a": value}, {"a": [rule]})

    assert test("dir/a.b\n.png", {"wildcard": "dir/*.png"})
    assert not test("dir/aXpng", {"wildcard": "dir/*.png"})
    assert test("a*\\b", {"wildcard": "a\\*\\\\b"})
    assert not test("axb", {"wildcard": "a\\*b"})
    assert test("10.0.0.7", {"cidr": "10.0.0.0/24"})
    assert not any(test(value, {"cidr": "10.0.0.0/24"}) for value in ("10.0.1.7", "::1", "no address", 167772167))
    assert test("2001:db8::1", {"cidr": "2001:db8::/32"})
    assert test("EventBridge", {"prefix": {"equals-ignore-case": "eventb"}})
    assert test("EventBridge", {"suffix": {"equals-ignore-case": "RIDGE"}})
    assert not test("EventBridge", {"prefix": {"equals-ignore-case": "ridge"}})


def test_lists_are_transparent_at_any_depth() -> None:
    data = {"a": [[{"b": "x"}], [{"b": ["y", {"c": 1}]}]]}
    assert passes(data, {"a": {"b": ["y"]}})
    assert passes(data, {"a": {"b": {"c": [1]}}})
    assert not passes(data, {"a": {"b": {"c": {"d": [{"exists": True}]}}}})


def test_different_elements_of_a_list_may_meet_two_rules() -> None:
    data = {"people": [{"first": "Ann", "last": "Smith"}, {"first": "Jo", "last": "Jones"}]}
    assert passes(data, {"people": {"first": ["Ann"], "last": ["Jones"]}})


def test_a_dot_is_part_of_the_name() -> None:
    assert passes({"a.b": "x"}, {"a.b": ["x"]})
    assert not passes({"a.b": "x"}, {"a": {"b": ["x"]}})
    assert not passes({"a": {"b": "x"}}, {"a.b": ["x"]})


def test_the_last_of_two_equal_keys_counts() -> None:
    twice = '{"dynamodb": {"NewImage": {"age": {"N": ["1"]}}}, "dynamodb": {"NewImage": {"vip": {"BOOL": [true]}}}}'
    assert FilterCriteria.of([twice]).matches(MODIFIED)


def test_matching_changes_nothing_and_takes_any_mapping() -> None:
    before = copy.deepcopy(MODIFIED)
    assert criteria(new("tags.L.S", ["y"])).matches(MappingProxyType(MODIFIED))
    assert before == MODIFIED
