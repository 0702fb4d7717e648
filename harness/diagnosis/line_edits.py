"""Edits of single lines, which keep the line's own end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.finding import Edit

if TYPE_CHECKING:
    from harness.project.source import Source

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


def line_at(source: Source, number: int) -> str:
    """Return a line without its end; empty where there is none."""
    return source.lines[number - 1] if 0 < number <= len(source.lines) else ""


def replace_line(source: Source, number: int, new: str, *, safe: bool = True) -> Edit:
    """Return the edit that puts another text in the place of a line."""
    return Edit(path=source.path, first=number, last=number, new=new + _end_of(source, number), safe=safe)


def drop_line(source: Source, number: int, *, safe: bool = True) -> Edit:
    """Return the edit that takes a line out."""
    return Edit(path=source.path, first=number, last=number, new="", safe=safe)


def _end_of(source: Source, number: int) -> str:
    for index, found in enumerate(_LINE.finditer(source.text), 1):
        if index == number:
            return found[2]
    return "\n"
