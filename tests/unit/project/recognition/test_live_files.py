from __future__ import annotations

import pytest

from harness.project.recognition.live_files import Roles, home_of, is_left_behind, live


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("db/seed.sql", False),
        ("db/seed.old.sql", True),
        ("db/old/seed.sql", True),
        ("db/seed_backup.sql", True),
        ("journal/week5/seed.sql", True),
        ("week-5/seed.sql", True),
        ("bin/seed~", True),
        ("db/golden.sql", False),
        ("bin/ddb/seed copy", True),
        ("not-used/seed", True),
    ],
)
def test_copies_are_told_by_their_names(path: str, left: bool) -> None:  # noqa: FBT001 - a column
    assert is_left_behind(path) is left


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("backend/bin/ddb/seed", "backend/bin"),
        ("bin/seed", "bin"),
        ("backend/ddb/patterns/list", "backend"),
        ("seed.py", ""),
        ("scripts/a/tools/b/seed", "scripts/a/tools"),
    ],
)
def test_programs_have_a_home(path: str, home: str) -> None:
    assert home_of(path) == home


def test_the_fuller_set_of_programs_is_in_use() -> None:
    some: Roles = {
        "bin/ddb/seed": frozenset({"table-seed"}),
        "backend/bin/ddb/seed": frozenset({"table-seed"}),
        "backend/bin/ddb/schema-load": frozenset({"table-schema"}),
        "backend/bin/ddb/scan": frozenset({"table-tool"}),
        "bin/ddb/drop.sh": frozenset({"table-tool"}),
        "bin/ddb/scan.py": frozenset({"table-tool"}),
    }
    found = live(some, {}, {path: path for path in some})
    assert set(found) == {
        "backend/bin/ddb/seed", "backend/bin/ddb/schema-load", "backend/bin/ddb/scan", "bin/ddb/drop.sh",
    }  # fmt: skip


def test_what_a_dead_script_refers_to_does_not_count() -> None:
    some: Roles = {"db/seed.sql": frozenset({"sql-seed"}), "db/more.sql": frozenset({"sql-seed"})}
    texts = {path: path for path in some}
    assert set(live(some, {"db/more.sql": {"old/load"}, "old/load": {"x"}}, texts)) == {"db/seed.sql"}
    assert set(live(some, {"db/more.sql": {"bin/load"}}, texts)) == {"db/more.sql"}
    assert set(live(some, {"db/more.sql": {"bin/load"}, "db/seed.sql": {"bin/load"}}, texts)) == set(some)


def test_a_left_behind_file_is_in_use_where_there_is_no_other() -> None:
    some: Roles = {"old/seed.sql": frozenset({"sql-seed"})}
    assert live(some, {}, {}) == some


def test_identical_files_count_once_unless_each_has_its_place() -> None:
    for role, kept in (("sql-query", 1), ("requirements", 2)):
        some: Roles = {"a/x.sql": frozenset({role}), "b/x.sql": frozenset({role})}  # type: ignore[arg-type]
        assert len(live(some, {}, dict.fromkeys(some, "the same"))) == kept
