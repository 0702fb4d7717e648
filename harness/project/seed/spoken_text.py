"""The conversation that stands in a seed script as one text, and how the script tells its lines apart."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.project.source import Source

_SPOKEN = re.compile(r"\s*(?P<speaker>[^\s:][^:\n]{0,30}?)\s*:\s*\S")
_FEWEST_LINES = 3
_MOST_SPEAKERS = 6
#: A text in which fewer lines have a speaker is none in which people speak.
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A conversation that stands in the code as one text."""

    #: Each line of it, as it is, with the number of its line in the file.
    lines: tuple[tuple[int, str], ...]
    #: What the lines begin with, the most frequent first.
    speakers: tuple[str, ...]

    @property
    def said(self) -> tuple[tuple[int, str], ...]:
        """The lines that have somebody speaking."""
        return tuple((number, line) for number, line in self.lines if _SPOKEN.match(line))


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """An `if line.startswith("Person 1: ")`."""

    prefix: str
    line: int


@lru_cache(maxsize=256)
def spoken_text(source: Source) -> Spoken | None:
    """Return the longest text in which people speak line by line."""
    if source.tree is None:
        return None
    texts = (node for node in ast.walk(source.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    found = [spoken for node in texts if (spoken := _spoken(node, source)) is not None]
    return max(found, key=lambda each: len(each.lines), default=None)


@lru_cache(maxsize=256)
def prefix_tests(source: Source) -> tuple[Test, ...]:
    """Return what lines are tested to begin with."""
    found: list[Test] = []
    for node in ast.walk(source.tree) if source.tree else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="startswith"), args=[ast.Constant(value=str(prefix)), *_]):
                found.append(Test(prefix=prefix, line=node.lineno))
            case ast.Call(func=ast.Attribute(attr="startswith"), args=[ast.Tuple(elts=several), *_]):
                found += [
                    Test(prefix=each.value, line=each.lineno)
                    for each in several
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
    return tuple(sorted(found, key=lambda test: test.line))


def _spoken(node: ast.Constant, source: Source) -> Spoken | None:
    text = str(node.value)
    rows = [line for line in text.split("\n") if line.strip()]
    found = Counter(match["speaker"] for line in rows if (match := _SPOKEN.match(line)))
    speakers = [speaker for speaker, count in found.most_common() if count > 1]
    enough = len(rows) >= _FEWEST_LINES and sum(found[speaker] for speaker in speakers) >= _MOSTLY * len(rows)
    if not enough or not 1 <= len(speakers) <= _MOST_SPEAKERS or "select" in text.casefold()[:200].split():
        return None
    begin = _line_of(rows[0], node.lineno, source)
    lines = tuple((begin + index, line) for index, line in enumerate(text.strip("\n").split("\n")))
    return Spoken(lines=lines, speakers=tuple(speakers))


def _line_of(row: str, first: int, source: Source) -> int:
    """Return where a text's first row stands: behind the quotes, or below them."""
    near = range(first, min(first + 5, len(source.lines)) + 1)
    return next((number for number in near if row.strip() in source.lines[number - 1]), first)
