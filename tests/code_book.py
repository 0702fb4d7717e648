"""Writes the second half of docs/doctor.md from the checks: `make codes`."""

from __future__ import annotations

from pathlib import Path

from harness.diagnosis.registry import all_checks
from harness.render.code_book import render_code_book

DOCUMENT = Path(__file__).parents[1] / "docs" / "doctor.md"
HEADING = "# The codes\n"


def with_codes(text: str) -> str:
    """Return the document with its codes as the checks have them now."""
    before, heading, _ = text.partition(HEADING)
    return f"{before}{heading}\n{render_code_book(all_checks().values())}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_codes(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
