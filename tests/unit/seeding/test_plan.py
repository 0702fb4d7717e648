from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import ExitCode, UsageError
from harness.seeding.plan import PlanOverrides, SeedPlan, read_plan
from tests.unit.seeding.plans import NOW, baseline

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """\
seed = 7
as_of = 2026-03-02T18:30:00Z
users = 4
groups = 3
messages = 10

[[people]]
handle = "ada"
display_name = "Ada Moss"

[[people]]
handle = "ben"
"""


def read(folder: Path, text: str = SMALL, **overrides: Any) -> SeedPlan:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, PlanOverrides(**overrides), NOW, table="cruddur-messages")


def complaint(folder: Path, text: str = SMALL, **overrides: Any) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        read(folder, text, **overrides)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value.message.replace(f"{folder}/", ""), caught.value.hint


def test_read_plan_reads_what_the_file_says(tmp_path: Path) -> None:
    plan = read(tmp_path)
    assert (plan.seed, plan.users, plan.groups, plan.messages, plan.activities) == (7, 4, 3, 10, 0)
    assert plan.as_of == datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
    assert [(person.handle, person.display_name, person.email) for person in plan.people] == [
        ("ada", "Ada Moss", "ada@example.com"),
        ("ben", "ben", "ben@example.com"),
    ]


def test_read_plan_takes_the_shipped_plan() -> None:
    plan = baseline()
    assert plan.users == len(plan.people), "no name has to be made up, so that Faker needn't be imported"
    assert plan.as_of < NOW


def test_overrides_win(tmp_path: Path) -> None:
    plan = read(tmp_path, users=5, groups=4, messages=90, seed=8, as_of="2026-01-05T10:00:00+05:30")
    assert (plan.users, plan.groups, plan.messages, plan.seed) == (5, 4, 90, 8)
    assert plan.as_of == datetime(2026, 1, 5, 4, 30, tzinfo=UTC)
    assert plan.as_of.tzinfo is UTC


def test_as_of_now_is_the_now_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(SMALL)
    now = NOW.astimezone(timezone(timedelta(hours=-3)))
    plan = read_plan(path, PlanOverrides(as_of="now"), now, table="cruddur-messages")
    assert plan.as_of == NOW
    assert plan.as_of.tzinfo is UTC


def test_as_of_may_be_written_as_text(tmp_path: Path) -> None:
    text = SMALL.replace("2026-03-02T18:30:00Z", '"2026-03-02T18:30:00+00:00"')
    assert read(tmp_path, text) == read(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("users = 4", "users = ", "plan.toml:3:9: Invalid value", "line 3"),
        ("users = 4", "users = 4 4", "plan.toml:3:11: Expected newline", "line 3"),
        ('handle = "ben"', 'handle = "ben', "plan.toml:12:14: ", "line 12"),
        ("users = 4", "usres = 4", "plan.toml:3: unknown key usres", "did you mean `users`?"),
        ("users = 4", "zzz = 4", "plan.toml:3: unknown key zzz", "activities, "),
        ('handle = "ben"', 'handel = "ben"', "plan.toml:11: handle is missing", 'Add handle = "…"'),
        ('handle = "ben"', 'handle = "ben"\nmail = "b@x"', "plan.toml:13: unknown key mail", "`email`"),
        ("users = 4", "users = -4", "plan.toml:3: users = -4 is out of range", "1 to 100,000,000"),
        ("users = 4", "users = 0", "plan.toml:3: users = 0 is out of range", "1 to 100,000,000"),
        ("messages = 10", "messages = 100_000_001", "plan.toml:5: messages = 100000001 is", "0 to 100,000,000"),
        ("users = 4", "users = true", "plan.toml:3: users = true is not a whole number", "whole number"),
        ("users = 4", "users = 4.0", "plan.toml:3: users = 4.0 is not a whole number", "whole number"),
        ("users = 4", 'users = "4"', 'plan.toml:3: users = "4" is not a whole number', "whole number"),
        ("seed = 7", "seed = -1", "plan.toml:1: seed = -1 is out of range", "0 to"),
        (
            "groups = 3",
            "groups = 7",
            "plan.toml: 4 users make 6 pairs, too few for 7 groups",
            "--users 5, or --groups 6",
        ),
        ("messages = 10", "messages = 2", "plan.toml: 2 messages are too few for 3 groups", "--messages 3"),
        ("groups = 3", "groups = 0", "plan.toml: 10 messages, but no group", "--groups 1"),
        ("T18:30:00Z", "T18:30:00", "has no offset", "2026-03-02T12:00:00Z"),
        ("2026-03-02T18:30:00Z", "2026-03-02", "has no offset", "2026-03-02T12:00:00Z"),
        ("2026-03-02T18:30:00Z", '"yesterday"', 'as_of = "yesterday" is not an instant', "2026-03-02T12:00:00Z"),
        ("2026-03-02T18:30:00Z", "17", "plan.toml:2: as_of = 17 is not an instant", "2026-03-02T12:00:00Z"),
        ("2026-03-02T18:30:00Z", "1979-03-02T18:30:00Z", "is before 1980", "2026-03-02T12:00:00Z"),
        (
            "2026-03-02T",
            "2026-12-02T",
            "plan.toml:2: as_of = 2026-12-02 18:30:00+00:00 is in the future",
            "--as-of now",
        ),
        ("2026-03-02T18:30:00Z", '"9999-12-31T23:59:59-14:00"', "is in the future", "--as-of now"),
        ("as_of = 2026-03-02T18:30:00Z", "", "as_of is missing", "Add as_of"),
        ('"ben"', '"ada"', 'plan.toml:12: handle "ada" is already that of ada', "another handle"),
        ('"ben"', '"ADA"', 'plan.toml:12: handle "ADA" is already that of ada', "another handle"),
        (
            '"ben"',
            '"ben"\nemail = "ada@example.com"',
            'plan.toml:13: email "ada@example.com" is already',
            "another email",
        ),
        ('"ben"', '"ben"\nemail = "nowhere"', "nowhere", "an @"),
        ('"ben"', '"be n"', 'plan.toml:12: handle "be n" can\'t be typed', "letters, digits"),
        ('"ben"', '"@ben"', 'plan.toml:12: handle "@ben" can\'t be typed', "letters, digits"),
        ('"ben"', '"ben"\ndisplay_name = ""', 'display_name = "" is not a text', 'display_name = "…"'),
        ('"ben"', "3", "plan.toml:12: handle = 3 is not a text", 'handle = "…"'),
        ("seed = 7", "history_days = 300", "plan.toml:1: history_days = 300 is out of range", "370"),
    ],
)
def test_plan_that_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, message: str, hint: str) -> None:
    found, found_hint = complaint(tmp_path, SMALL.replace(old, new))
    assert message in found
    assert hint in found_hint


@pytest.mark.parametrize(
    ("flags", "message", "hint"),
    [
        ({"users": -1}, "--users = -1 is out of range", "1 to"),
        ({"messages": 10**12}, "--messages = 1000000000000 is out of range", "100,000,000"),
        ({"seed": -5}, "--seed = -5 is out of range", "0 to"),
        ({"users": 2}, "2 users make 1 pairs, too few for 3 groups", "--users 3, or --groups 1"),
        ({"groups": 6, "messages": 5}, "5 messages are too few for 6 groups", "--messages 6, or --groups 5"),
        ({"as_of": "2026-11-20T12:00:01Z"}, "--as-of", "earlier instant"),
        ({"as_of": "2026-11-20T12:00:00"}, "has no offset", "or now"),
        ({"as_of": "tomorrow"}, '--as-of = "tomorrow" is not an instant', "or now"),
    ],
)
def test_flags_that_cannot_be_meant_are_refused(tmp_path: Path, flags: dict[str, Any], message: str, hint: str) -> None:
    found, found_hint = complaint(tmp_path, **flags)
    assert message in found
    assert hint in found_hint


def test_people_need_two_brackets(tmp_path: Path) -> None:
    text = SMALL.split("[[people]]", maxsplit=1)[0] + '[people]\nhandle = "ada"\n'
    assert complaint(tmp_path, text) == (
        "plan.toml:7: people is not a list of tables",
        "Head each of them with [[people]].",
    )


def test_missing_plan_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No seed plan at .*nowhere\.toml") as caught:
        read_plan(tmp_path / "nowhere.toml", PlanOverrides(), NOW, table="cruddur-messages")
    assert "harness init" in caught.value.hint


def test_plan_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"seed = 1 # \xff")
    with pytest.raises(UsageError, match="Can't read the seed plan"):
        read_plan(path, PlanOverrides(), NOW, table="cruddur-messages")
    with pytest.raises(UsageError, match="Can't read the seed plan"):
        read_plan(tmp_path, PlanOverrides(), NOW, table="cruddur-messages")


def test_key_is_found_in_its_own_table(tmp_path: Path) -> None:
    text = SMALL + '\n[[people]]\nhandle = "cleo"\nemail = "ben@example.com"\n'
    assert complaint(tmp_path, text)[0].startswith("plan.toml:16: ")
