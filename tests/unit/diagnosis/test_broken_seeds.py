"""Every seed of `seeds/broken` trips its own check and no other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.diagnosis.facts import Facts
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import diagnose
from tests.broken_seeds import CLEAN, broken_codes, broken_seed

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize("code", broken_codes())
def test_a_broken_seed_has_one_finding(code: str) -> None:
    findings = diagnose(Facts(now=NOW, held=broken_seed(code).held()), all_checks())
    assert [each.code for each in findings] == [code], findings
    assert findings[0].cause
    assert findings[0].advice


def test_the_clean_twin_has_none() -> None:
    assert diagnose(Facts(now=NOW, held=broken_seed(CLEAN).held()), all_checks()) == ()


@pytest.mark.parametrize("code", broken_codes())
def test_a_broken_seed_differs_from_the_clean_one_and_says_why(code: str) -> None:
    seed, clean = broken_seed(code), broken_seed(CLEAN)
    assert seed.why
    assert seed.why != clean.why
    assert (seed.users, seed.items) != (clean.users, clean.items)
