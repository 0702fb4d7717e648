"""The conversation that a seed script has as one text, and how the script tells its lines apart."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.source import Project, Source

_SPOKEN = re.compile(r"\s*(?P<speaker>[^\s:][^:\n]{0,30}?)\s*:\s*\S")
#: The name of a text file, with or without folders before it.
_FILE = re.compile(r"[\w./ -]*\w\.(?:txt|text|dat|chat)")
_FEWEST_LINES = 3
_MOST_SPEAKERS = 6
#: A text in which fewer lines have a speaker is none in which people speak.
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A conversation that stands in one piece: as a text in the code, or as a file."""

    #: Where it stands: the script, a module that it imports, or a text file that it reads.
    source: Source
    #: Each line of it, as it is, with the number of its line in the file.
    lines: tuple[tuple[int, str], ...]
    #: Whether the text begins or ends with a line break, which makes an empty line of its own when it is split.
    has_empty_ends: bool
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


def spoken_text(source: Source, project: Project | None) -> Spoken | None:
    """Return the longest text in which people speak line by line: the script's own, else that of a file it names."""
    own = _in_code(source)
    if own is not None or project is None:
        return own
    return _longest([spoken for each in _files_named(source, project) if (spoken := _whole(each)) is not None])


@lru_cache(maxsize=256)
def _in_code(source: Source) -> Spoken | None:
    texts = (node for node in source.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return _longest([spoken for node in texts if (spoken := _in_constant(node, source)) is not None])


def _whole(source: Source) -> Spoken | None:
    return _in_code(source) if source.language == "python" else _spoken(source.text, 1, source)


def _longest(found: list[Spoken]) -> Spoken | None:
    return max(found, key=lambda each: len(each.lines), default=None)


def _files_named(source: Source, project: Project) -> Iterator[Source]:
    """Yield the modules that a script imports and the files whose names stand in it; only where there is one of a name."""
    names: set[str] = set()
    for node in source.nodes:
        match node:
            case ast.ImportFrom(module=str(module)):
                names.add(f"{module.replace('.', '/')}.py")
            case ast.Import(names=imported):
                names.update(f"{each.name.replace('.', '/')}.py" for each in imported)
            case ast.Constant(value=str(text)) if _FILE.fullmatch(text):
                names.add(text.rpartition("/")[2])
    for name in sorted(names):
        found = [path for path in project.paths.ending(name) if path != source.path]
        if len(found) == 1:
            yield project.sources[found[0]]


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


def _in_constant(node: ast.Constant, source: Source) -> Spoken | None:
    return _spoken(str(node.value), node.lineno, source)


def _spoken(text: str, first: int, source: Source) -> Spoken | None:
    """Return a text as a conversation, where it is one; `first` is the line of the file that it begins in."""
    rows = [line for line in text.split("\n") if line.strip()]
    found = Counter(match["speaker"] for line in rows if (match := _SPOKEN.match(line)))
    speakers = [speaker for speaker, count in found.most_common() if count > 1]
    enough = len(rows) >= _FEWEST_LINES and sum(found[speaker] for speaker in speakers) >= _MOSTLY * len(rows)
    if not enough or not 1 <= len(speakers) <= _MOST_SPEAKERS or "select" in text.casefold()[:200].split():
        return None
    begin = _line_of(rows[0], first, source)
    lines = tuple((begin + index, line) for index, line in enumerate(text.strip("\n").split("\n")))
    has_empty_ends = text != text.strip("\n")
    return Spoken(source=source, lines=lines, has_empty_ends=has_empty_ends, speakers=tuple(speakers))


def _line_of(row: str, first: int, source: Source) -> int:
    """Return where a text's first row stands: behind the quotes, or below them."""
    near = range(first, min(first + 5, len(source.lines)) + 1)
    return next((number for number in near if row.strip() in source.lines[number - 1]), first)
