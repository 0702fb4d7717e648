"""Words in quotes, in Python and in SQL alike: where they stand, and a line with another one in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.project.source import Source


def lines_quoting(source: Source, word: str) -> tuple[int, ...]:
    """Return the lines of a file in which a word stands in quotes."""
    quoted = re.compile(rf"(['\"]){re.escape(word)}\1")
    return tuple(number for number, line in enumerate(source.lines, 1) if quoted.search(line))


def renamed(line: str, old: str, new: str, *, count: int = 0) -> str:
    """Return a line with a quoted word replaced: everywhere, or so many times."""
    return re.sub(rf"(['\"]){re.escape(old)}\1", lambda found: f"{found[1]}{new}{found[1]}", line, count=count)
