"""Where nothing is wrong with a seed, nothing is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.held import Held
from harness.rehearsal.results import Rehearsal
from tests.unit.diagnosis.checks.played_seed import codes, found, played
from tests.unit.diagnosis.checks.seed_scripts import CLEAN


@pytest.mark.parametrize("name", CLEAN)
def test_a_seed_that_is_right(name: str) -> None:
    facts = played(CLEAN[name])
    assert facts.rehearsal is not None
    assert all(run.ok for run in facts.rehearsal.scripts), facts.rehearsal.scripts[0].traceback
    assert facts.held.tables["chat"].items
    assert codes(facts) == [], found(facts)


@pytest.mark.parametrize("name", CLEAN)
def test_a_right_seed_that_was_not_run(name: str) -> None:
    facts = played(CLEAN[name])
    assert codes(replace(facts, rehearsal=Rehearsal(), held=Held())) == []
    assert codes(replace(facts, rehearsal=None, held=Held())) == []


@pytest.mark.parametrize("name", CLEAN)
def test_a_right_seed_beside_a_stack_that_holds_something_else(name: str) -> None:
    """Its own run is judged by what it left, and the stack by what that holds."""
    facts, other = played(CLEAN[name]), played(CLEAN["main" if name != "main" else "resource"])
    assert codes(replace(facts, held=other.held)) == []


@pytest.mark.parametrize("name", CLEAN)
def test_one_message_is_enough(name: str) -> None:
    facts = played(CLEAN[name])
    table = facts.held.tables["chat"]
    last = {item["sk"]["S"] for item in table.items if item["pk"]["S"].startswith("GRP#")}
    few = tuple(item for item in table.items if item["sk"]["S"] in last)
    held = replace(facts.held, tables={"chat": replace(table, items=few, count=len(few))})
    assert codes(replace(facts, project=None, rehearsal=None, held=held)) == []
