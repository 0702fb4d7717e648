"""Failures in text."""

from __future__ import annotations

from harness.stage.showing import shown, shown_collection, shown_pair
from tests.unit.scenarios.small import AS_OF, user


def test_entries_stand_on_lines_of_their_own() -> None:
    assert shown((1, "a")) == "1\n'a'"
    assert shown(()) == "(nothing)"


def test_dataclasses_and_instants_are_written_out() -> None:
    text = shown(user(0))
    assert text.startswith("User(uuid='00000000-")
    assert "created_at=2024-12-06T12:00:00.000000+00:00" in text
    assert shown(AS_OF) == "2026-01-10T12:00:00.000000+00:00"


def test_long_values_are_shown_around_the_first_difference() -> None:
    left, right = list(range(200)), [*range(100), "x", *range(101, 200)]
    expected, actual = shown_pair(left, right)
    assert expected.split("\n")[:5] == ["… 97 equal lines", "97", "98", "99", "100"]
    assert actual.split("\n")[4] == "'x'"
    assert actual.split("\n")[-1] == "… 80 more lines"


def test_missing_end_is_shown() -> None:
    expected, actual = shown_pair([1, 2, 3], [1, 2])
    assert (expected, actual) == ("1\n2\n3", "1\n2")


def test_long_collections_are_cut() -> None:
    items = [{"pk": {"S": "p"}, "n": {"N": str(number)}} for number in range(60)]
    lines = shown_collection(items).split("\n")
    assert lines[0] == '{"pk": "p", "n": {"N": "0"}}'
    assert lines[-1] == "… and 10 more"
    assert shown_collection([]) == "(no items)"
