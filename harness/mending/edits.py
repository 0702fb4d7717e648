"""Edits applied to a file's text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.diagnosis.finding import Edit, Finding


#: Lines as editors count them; `splitlines` would also break at a form feed.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def lines_of(text: str) -> list[str]:
    """Return the lines with their ends."""
    return _LINE.findall(text)


def by_file(findings: Iterable[Finding]) -> dict[str, tuple[Edit, ...]]:
    """Return the edits of all findings that can be mended, by file; of two on the same lines the first one.

    A finding whose edits don't all find a place is left out whole: half a mend may be worse than none.
    """
    kept: dict[str, list[Edit]] = {}
    for finding in findings:
        if finding.fixable and not any(_clashes(edit, kept.get(edit.path, ())) for edit in finding.edits):
            for edit in finding.edits:
                if edit not in kept.setdefault(edit.path, []):
                    kept[edit.path].append(edit)
    return {path: tuple(edits) for path, edits in sorted(kept.items())}


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with the edits made; line numbers mean the text as it was."""
    lines = lines_of(text)
    for edit in sorted(edits, key=lambda edit: edit.first, reverse=True):
        if lines and edit.first > len(lines) and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        lines[edit.first - 1 : max(edit.last, edit.first - 1)] = [edit.new] if edit.new else []
    return "".join(lines)


def _clashes(edit: Edit, others: Iterable[Edit]) -> bool:
    return any(
        edit != other and edit.first <= max(other.last, other.first) and other.first <= max(edit.last, edit.first)
        for other in others
    )
