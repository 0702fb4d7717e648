"""Markers on top of settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harness.errors import UsageError
from harness.testing.wish import KEYWORDS, Wish, read_marks, read_settings


def marked(*marks: dict[str, Any], wish: Wish | None = None, empty: bool = False) -> Wish:
    return read_marks([((), kwargs) for kwargs in marks], wish or Wish(), empty=empty)


def test_the_closest_marker_goes_first_and_settings_last() -> None:
    general = Wish(seed=1, users=3, messages=9)
    assert marked({"users": 5}, {"users": 7, "groups": 2}, wish=general) == Wish(seed=1, users=5, groups=2, messages=9)


def test_a_marker_takes_back_with_none() -> None:
    assert marked({"seed": None, "schema": None}, wish=Wish(seed=1, schema=("a.sql",))) == Wish()


def test_wishes_of_one_meaning_are_equal() -> None:
    instant = datetime(2026, 1, 2, tzinfo=UTC)
    assert marked({"as_of": instant, "schema": "a/*.sql"}) == marked(
        {"as_of": instant.isoformat(), "schema": ["a/*.sql"]}
    )
    assert hash(marked({"schema": ["a"]})) == hash(marked({"schema": ("a",)}))


def test_empty_holds_from_wherever_it_is_said() -> None:
    assert marked(empty=True).empty
    assert marked(wish=Wish(empty=True)).empty
    assert not marked({"seed": 1}).empty


@pytest.mark.parametrize(
    ("keywords", "said", "hint"),
    [
        ({"sead": 1}, "harness(sead=1): no such keyword", "did you mean `seed`?"),
        ({"rhubarb": 1}, "no such keyword", ", ".join(KEYWORDS)),
        ({"seed": True}, "is not a whole number", "seed=3"),
        ({"users": "3"}, "harness(users='3') is not a whole number", "users=3"),
        ({"engine": "dokcer"}, "no such engine", "docker"),
        ({"engine": ["docker"]}, "no such engine", "did you mean"),
        ({"as_of": 3}, "as_of=3) is not a text", "as_of"),
        ({"seed_module": 3}, "is not a text", "seed_module"),
    ],
)
def test_what_can_not_be_meant(keywords: dict[str, Any], said: str, hint: str) -> None:
    with pytest.raises(UsageError, match=r"@pytest\.mark\.harness") as caught:
        marked(keywords)
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_settings_are_texts() -> None:
    said = {"seed": " 3 ", "users": "", "schema": "a/*.sql b/*.json", "seed_module": "a.py:f", "as_of": None}
    assert read_settings(said) == Wish(seed=3, schema=("a/*.sql", "b/*.json"), seed_module="a.py:f")


def test_a_setting_that_is_no_number() -> None:
    with pytest.raises(UsageError, match="ini: harness_users = many is not a whole number"):
        read_settings({"users": "many"})
