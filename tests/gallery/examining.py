"""Doctor on a project of the gallery, as a call: what it says, by code."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.config import load_config
from harness.doctor.examine import Terms, examine_foreign

if TYPE_CHECKING:
    from pathlib import Path

    from harness.diagnosis.diagnosis import Diagnosis


def examined(project: Path) -> Diagnosis:
    """Examine a project as `harness doctor PROJECT` does."""
    config = load_config(project.parent, {}, {})
    return examine_foreign(config, project, Terms(), now=datetime.now(UTC))


def codes(diagnosis: Diagnosis) -> Counter[str]:
    """Return how many findings there are of each code."""
    return Counter(finding.code for finding in diagnosis.findings)


def told(diagnosis: Diagnosis) -> str:
    """Return the findings as lines, for the message of a test."""
    lines = [f"{each.code} {each.place}: {each.cause}" for each in diagnosis.findings]
    return "\n".join([*lines, *(f"not done: {each.what}: {each.why}" for each in diagnosis.not_done)])
