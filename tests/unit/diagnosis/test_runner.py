"""Causes before what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.check import Check, check
from harness.diagnosis.facts import Facts
from harness.diagnosis.finding import Edit, Problem
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import chosen, diagnose
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

FACTS = Facts(now=datetime(2026, 11, 28, tzinfo=UTC))


def a_check(
    code: str,
    *,
    finds: bool,
    requires: tuple[str, ...] = (),
    severity: Literal["error", "warning", "note"] = "error",
    place: Place | None = None,
) -> Check:
    @check(code, example="broken", requires=requires, severity=severity)
    def look(_: Facts) -> Iterator[Problem]:
        """All is well.

        Mend it.
        """
        if finds:
            yield Problem(cause=f"{code} is broken", place=place)

    return look


def codes(*checks: Check) -> list[str]:
    return [finding.code for finding in diagnose(FACTS, {each.code: each for each in checks})]


def test_what_is_sound_gives_no_finding() -> None:
    assert codes(a_check("ENV101", finds=False)) == []


def test_a_cause_silences_what_follows_from_it() -> None:
    assert codes(a_check("SEED101", finds=True, requires=("SQL101",)), a_check("SQL101", finds=True)) == ["SQL101"]


def test_what_follows_from_what_follows_is_silent_too() -> None:
    assert codes(
        a_check("ACC101", finds=True, requires=("SEED101",)),
        a_check("SEED101", finds=True, requires=("SQL101",)),
        a_check("SQL101", finds=True),
    ) == ["SQL101"]


def test_without_its_cause_a_finding_stands() -> None:
    assert codes(a_check("SEED101", finds=True, requires=("SQL101",)), a_check("SQL101", finds=False)) == ["SEED101"]


def test_errors_come_first_then_by_code_and_place() -> None:
    first, second = Place(path="a.py", line=1), Place(path="b.py", line=1)
    found = codes(
        a_check("ENV101", finds=True, severity="note"),
        a_check("SEED202", finds=True, place=second),
        a_check("SEED201", finds=True, place=first),
        a_check("ACC101", finds=True, severity="warning"),
    )
    assert found == ["SEED201", "SEED202", "ACC101", "ENV101"]


def test_a_docstring_is_title_and_advice() -> None:
    (finding,) = diagnose(FACTS, {"ENV101": a_check("ENV101", finds=True)})
    assert (finding.title, finding.advice) == ("All is well", "Mend it.")


def test_only_safe_edits_can_be_made_by_fix() -> None:
    edit = Edit(path="a.py", first=1, last=1, new="x\n")

    def problem(*edits: Edit) -> bool:
        @check("ENV101", example="broken")
        def look(_: Facts) -> Iterator[Problem]:
            """All is well."""
            yield Problem(cause="broken", edits=edits)

        return diagnose(FACTS, {"ENV101": look})[0].fixable

    assert problem(edit)
    assert not problem()
    assert not problem(edit, Edit(path="a.py", first=3, last=3, new="", safe=False))


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        ((), (), {"SEED201", "SEED202", "SQL101"}),
        (("SEED",), (), {"SEED201", "SEED202"}),
        ((), ("SEED2",), {"SQL101"}),
        (("SEED",), ("SEED201",), {"SEED202"}),
    ],
)
def test_codes_are_chosen_by_how_they_begin(select: tuple[str, ...], ignore: tuple[str, ...], left: set[str]) -> None:
    checks = [a_check(code, finds=False) for code in ("SEED201", "SEED202", "SQL101")]
    assert chosen(checks, select, ignore) == left


def test_every_check_explains_itself() -> None:
    for code, each in all_checks().items():
        assert each.family in Check.FAMILIES, code
        assert each.title, code
        assert not each.title[0].islower(), code
        assert len(each.advice) > 20, code
        assert each.example, code


def test_no_check_finds_anything_where_nothing_is_known() -> None:
    for code, each in all_checks().items():
        assert list(each.look(FACTS)) == [], code
