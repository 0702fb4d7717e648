"""A shell script taken apart as far as its words tell: commands with their lines, assignments, here-documents.

`commands(text)` and `assignments(text)`. Words lose their quotes; variables and `$(…)` stay as they are written, for
`harness.project.shell.values` to look into.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.shell.words import Operator, Word, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
_DECLARING = frozenset({"export", "local", "readonly", "declare", "typeset"})
_LEADING = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "time", "fi", "done", "esac"}
)
#: Nobody nests `$(…)` deeper.
_DEEPEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A simple command."""

    line: int
    #: Without redirections, assignments before it, and `if`, `then`, `!` and the like.
    words: tuple[str, ...]
    #: On one line, as it is written.
    text: str
    #: The file of `< file`.
    reads: str | None = None
    #: The text of a here-document or here-string.
    fed: str | None = None
    #: The words of the command before the pipe.
    piped_from: tuple[str, ...] = ()
    #: What is assigned for this command alone: `PGPASSWORD=x psql`.
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The program, without its folder."""
        return self.words[0].rpartition("/")[2] if self.words else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`NAME=value`, exported or not."""

    line: int
    name: str
    value: str
    exported: bool


@lru_cache(maxsize=512)
def commands(text: str, *, nested: bool = True) -> tuple[Command, ...]:
    """Return the commands of a script in the order they are written, those within `$(…)` before their own."""
    return tuple(_commands(text, 1, 0 if nested else _DEEPEST))


@lru_cache(maxsize=512)
def assignments(text: str) -> tuple[Assignment, ...]:
    """Return what is assigned, in the order it is written, whatever branch it stands in."""
    return tuple(_assignments(text))


def _commands(text: str, first: int, depth: int) -> Iterator[Command]:
    before: tuple[str, ...] = ()
    for group in _groups(text, first):
        for word in group.words:
            for line, inner in word.substitutions if depth < _DEEPEST else ():
                yield from _commands(inner, line, depth + 1)
        command = replace(_command(group), piped_from=before)
        if command.words:
            yield command
        before = command.words if group.ended_by == "|" else ()


def _assignments(text: str) -> Iterator[Assignment]:
    for group in _groups(text, 1):
        words = _without_leading([word.value for word in group.words])
        exported = words[:1] == ["export"] or words[:2] == ["declare", "-x"]
        declared = words[:1] and words[0] in _DECLARING
        found = [_ASSIGNMENT.fullmatch(word) for word in (words[1:] if declared else words)]
        if not declared and not all(found):
            continue
        for each in found:
            if each is not None:
                yield Assignment(line=group.line, name=each.group(1), value=each.group(2), exported=exported)


@dataclass(slots=True, kw_only=True)
class _Group:
    """What stands between two of newline, `;`, `|`, `&&`, `||`, `(`, `)`."""

    line: int
    words: list[Word]
    text: str
    ended_by: str
    reads: str | None = None
    fed: str | None = None


def _groups(text: str, first: int) -> Iterator[_Group]:
    group, redirected = _Group(line=first, words=[], text="", ended_by=""), ""
    start = end = 0
    for piece in pieces(text, first):
        if isinstance(piece, Operator) and piece.separates:
            if group.words:
                group.ended_by, group.text = piece.text, _one_line(text[start:end])
                yield group
            group, redirected = _Group(line=piece.line, words=[], text="", ended_by=""), ""
        elif isinstance(piece, Operator):
            redirected = piece.text
            group.fed = piece.body if piece.body is not None else group.fed
            end = piece.end
        else:
            if not group.words:
                group.line, start = piece.line, piece.start
            end = piece.end
            _place(group, piece, redirected)
            redirected = ""
    if group.words:
        group.text = _one_line(text[start:end])
        yield group


def _place(group: _Group, word: Word, redirected: str) -> None:
    """Put a word where the operator before it sends it."""
    if redirected == "<":
        group.reads = word.value
    elif redirected == "<<<":
        group.fed = word.value
    elif not redirected:
        group.words.append(word)


def _command(group: _Group) -> Command:
    words = _without_leading([word.value for word in group.words])
    environment = []
    while words and (found := _ASSIGNMENT.fullmatch(words[0])):
        environment.append((found.group(1), found.group(2)))
        words = words[1:]
    return Command(
        line=group.line,
        words=tuple(words),
        text=group.text,
        reads=group.reads,
        fed=group.fed,
        environment=tuple(environment),
    )


def _without_leading(words: list[str]) -> list[str]:
    while words and words[0] in _LEADING:
        words = words[1:]
    return words


def _one_line(text: str) -> str:
    return " ".join(text.replace("\\\n", " ").split())
