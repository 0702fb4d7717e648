"""What filters are cautioned about."""

from __future__ import annotations

from typing import Any

import pytest

from harness.streams.filters.advice import advise
from harness.streams.filters.criteria import FilterCriteria
from tests.unit.streams.filters.sample import at, criteria, new

BOTH = "NEW_AND_OLD_IMAGES"
REMOVES_TOO = at("eventName", ["REMOVE"])


def codes(*patterns: Any, view_type: str | None = BOTH) -> list[str]:
    return [caution.code for caution in advise(criteria(*patterns), view_type=view_type)]


def text(code: str, *patterns: Any, view_type: str | None = BOTH) -> str:
    (caution,) = [each for each in advise(criteria(*patterns), view_type=view_type) if each.code == code]
    return caution.text


@pytest.mark.parametrize(
    "pattern",
    [
        at("eventName", ["INSERT", "MODIFY", "REMOVE"]),
        at("eventName", ["INSERT"]) | new("state.S", ["FL"]),
        at("eventName", [{"anything-but": "REMOVE"}]) | new("vip.BOOL", [True]),
        at("dynamodb.Keys.pk.S", [{"prefix": "USER#"}]),
        at("dynamodb.ApproximateCreationDateTime", [{"numeric": [">", 1795312318]}]),
        at("eventName", ["INSERT"]) | new("tags.L.M.deep.SS", ["x"]),
        at("eventName", ["INSERT"]) | new("zip.S", [{"exists": True}]),
        new("zip.S", [{"exists": False}]),
        at("userIdentity", {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}),
        at("dynamodb.StreamViewType", [BOTH]),
        {"$or": [at("eventName", ["REMOVE"]), new("nul.NULL", [True])]},
    ],
    ids=str,
)
def test_nothing_to_say_of_sound_filters(pattern: dict[str, Any]) -> None:
    assert advise(criteria(pattern), view_type=BOTH) == ()


def test_nothing_to_say_without_filters() -> None:
    assert advise(criteria(), view_type="KEYS_ONLY") == ()


def test_exists_above_a_leaf() -> None:
    always = new("age", [{"exists": False}])
    assert codes(always) == ["filter-exists-not-leaf"]
    assert "dynamodb.NewImage.age is an object" in text("filter-exists-not-leaf", always)
    assert "passes always" in text("filter-exists-not-leaf", always)
    never = new("age", [{"exists": True}])
    assert codes(never) == ["filter-exists-not-leaf", "filter-drops-events", "filter-passes-nothing"]
    assert "never does" in text("filter-exists-not-leaf", never)
    for place in ("dynamodb", "dynamodb.NewImage", "userIdentity", "dynamodb.Keys.pk.L", "dynamodb.Keys.pk.M"):
        assert "filter-exists-not-leaf" in codes(at(place, [{"exists": True}]))


@pytest.mark.parametrize("rule", [42, {"numeric": [">", 10]}])
def test_numbers_of_items_are_text(rule: Any) -> None:
    pattern = at("eventName", ["INSERT"]) | new("age.N", [rule])
    assert codes(pattern) == ["filter-number-is-text", "filter-passes-nothing"]
    assert "never passes" in text("filter-number-is-text", pattern)


def test_anything_but_a_number_excludes_nothing_in_an_item() -> None:
    pattern = at("dynamodb.Keys.n.N", [{"anything-but": [42]}])
    assert codes(pattern) == ["filter-number-is-text"]
    assert "excludes nothing" in text("filter-number-is-text", pattern)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("dynamodb.Keys.pk", "the type is missing"),
        ("dynamodb.Keys.pk.s", "not s"),
        ("dynamodb.Keys.pk.name", "not name"),
        ("dynamodb.Keys.pk.M.inner", "the type is missing"),
        ("dynamodb.Keys.pk.L.M.inner.x", "not x"),
        ("dynamodb.Keys.pk.L", "the type is missing"),
    ],
)
def test_type_descriptor(path: str, said: str) -> None:
    assert codes(at(path, ["x"])) == ["filter-type-descriptor", "filter-passes-nothing"]
    assert said in text("filter-type-descriptor", at(path, ["x"]))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("event_name", "eventName is meant"),
        ("EventName", "eventName is meant"),
        ("body", "there are eventID"),
        ("dynamodb.newImage.pk.S", "NewImage is meant"),
        ("userIdentity.PrincipalId", "principalId is meant"),
        ("dynamodb.NewImage.pk.S.x", "nothing stands below"),
        ("dynamodb.Keys", "is an object"),
        ("dynamodb", "is an object"),
    ],
)
def test_unknown_keys(path: str, said: str) -> None:
    assert "filter-unknown-key" in codes(at(path, ["x"]))
    assert said in text("filter-unknown-key", at(path, ["x"]))
    assert codes(at(path, ["x"]))[-1] == "filter-passes-nothing"


def test_dotted_key_is_one_name() -> None:
    assert codes({"dynamodb.Keys.pk.S": ["x"]}) == ["filter-unknown-key", "filter-passes-nothing"]


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("dynamodb.Keys.vip.BOOL", "true"),
        ("dynamodb.Keys.vip.BOOL", {"prefix": "t"}),
        ("dynamodb.Keys.nul.NULL", None),
        ("dynamodb.Keys.pk.S", None),
        ("dynamodb.Keys.pk.S", True),
        ("dynamodb.ApproximateCreationDateTime", "1678831218.0"),
        ("dynamodb.SizeBytes", {"suffix": "0"}),
        ("eventVersion", 1.1),
        ("dynamodb.SequenceNumber", {"numeric": [">", 0]}),
    ],
)
def test_values_of_a_type_that_never_stands_there(path: str, rule: Any) -> None:
    assert codes(at(path, [rule])) == ["filter-value-type", "filter-passes-nothing"]


def test_event_names() -> None:
    assert codes(at("eventName", ["insert", "DELETE"])) == ["filter-event-name", "filter-passes-nothing"]
    assert codes(at("eventName", [{"prefix": "IN"}])) == []


@pytest.mark.parametrize(
    ("image", "view_type", "expected"),
    [
        ("NewImage", BOTH, ["filter-drops-events"]),
        ("NewImage", None, ["filter-drops-events"]),
        ("NewImage", "NEW_IMAGE", ["filter-drops-events"]),
        ("NewImage", "OLD_IMAGE", ["filter-view-type", "filter-passes-nothing"]),
        ("NewImage", "KEYS_ONLY", ["filter-view-type", "filter-passes-nothing"]),
        ("OldImage", BOTH, ["filter-drops-events"]),
        ("OldImage", "OLD_IMAGE", ["filter-drops-events"]),
        ("OldImage", "NEW_IMAGE", ["filter-view-type", "filter-passes-nothing"]),
        ("Keys", "KEYS_ONLY", []),
    ],
)
def test_images_and_view_types(image: str, view_type: str | None, expected: list[str]) -> None:
    assert codes(at(f"dynamodb.{image}.pk.S", ["x"]), view_type=view_type) == expected


def test_dropped_events_are_named() -> None:
    assert "Every REMOVE is dropped" in text("filter-drops-events", new("pk.S", ["x"]))
    assert "Every INSERT is dropped" in text("filter-drops-events", at("dynamodb.OldImage.pk.S", ["x"]))
    two = new("pk.S", ["x"]) | at("eventName", ["INSERT", "REMOVE"])
    assert "Every REMOVE is dropped" in text("filter-drops-events", two)


def test_events_dropped_by_one_filter_and_asked_for_by_another_are_no_surprise() -> None:
    assert codes(new("pk.S", ["x"]), REMOVES_TOO) == []
    assert codes(new("pk.S", ["x"]), at("dynamodb.OldImage.pk.S", ["x"])) == []


def test_one_filter_of_two_that_the_view_type_rules_out() -> None:
    patterns = (new("pk.S", ["x"]), REMOVES_TOO)
    assert codes(*patterns, view_type="OLD_IMAGE") == ["filter-view-type", "filter-drops-events"]
    assert text("filter-view-type", *patterns, view_type="OLD_IMAGE").startswith("Filter 1: ")


def test_view_type_asked_for_itself() -> None:
    pattern = at("dynamodb.StreamViewType", ["KEYS_ONLY"])
    assert codes(pattern, view_type=BOTH) == ["filter-passes-nothing"]
    assert codes(pattern, view_type=None) == []


def test_repeated_keys() -> None:
    twice = '{"eventName": ["INSERT"], "dynamodb": {"Keys": {"a": {"S": ["x"]}}}, "dynamodb": {"SizeBytes": [1]}}'
    (caution,) = advise(FilterCriteria.of([twice]), view_type=BOTH)
    assert caution.code == "filter-duplicate-key"
    assert caution.text.startswith("Filter 1: dynamodb stands more than once")


@pytest.mark.parametrize(
    "rule",
    [
        {"wildcard": "a*"},
        {"cidr": "10.0.0.0/8"},
        {"prefix": {"equals-ignore-case": "a"}},
        {"anything-but": {"prefix": "a"}},
        {"anything-but": {"wildcard": "a*"}},
    ],
)
def test_operators_that_lambda_does_not_list(rule: Any) -> None:
    assert codes(at("dynamodb.Keys.pk.S", [rule])) == ["filter-unlisted-operator"]


def test_arn_of_the_source() -> None:
    assert codes(at("eventSourceARN", [{"prefix": "arn:"}])) == ["filter-undocumented-key"]


def test_milliseconds_are_out_of_range() -> None:
    pattern = at("dynamodb.ApproximateCreationDateTime", [{"numeric": [">", 1795312318000]}])
    assert codes(pattern) == ["filter-number-range"]


def test_several_tests_below_one_list() -> None:
    people = at("dynamodb.Keys.people.L.M", {"first": {"S": ["Ann"]}, "last": {"S": ["Jones"]}})
    assert codes(people) == ["filter-list-elements"]
    assert codes(at("dynamodb.Keys.people.L", {"$or": [{"S": ["x"]}, {"N": ["1"]}]})) == []


def test_alternatives_are_judged_too() -> None:
    pattern = {"$or": [at("dynamodb.Keys.pk", ["x"]), at("event_name", ["INSERT"])]}
    assert codes(pattern) == ["filter-type-descriptor", "filter-unknown-key", "filter-passes-nothing"]
