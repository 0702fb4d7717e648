"""Where nothing is wrong with a seed, nothing is found."""

from __future__ import annotations

import pytest

from tests.unit.diagnosis.checks.played_seed import codes, found, played
from tests.unit.diagnosis.checks.seed_scripts import CLEAN


@pytest.mark.parametrize("name", CLEAN)
def test_a_seed_that_is_right(name: str) -> None:
    facts = played(CLEAN[name])
    assert facts.rehearsal is not None
    assert all(run.ok for run in facts.rehearsal.scripts), facts.rehearsal.scripts[0].traceback
    assert facts.held.tables["chat"].items
    assert codes(facts) == [], found(facts)
