"""The words and operators of a shell script (POSIX, 2.3): quotes, comments, continued lines, here-documents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPERATOR = re.compile(r"&&|\|\||;;|\|&|<<<|<<-?|&>>?|>>|[<>]&|>\||[;|&()<>\n]")
_SEPARATING = frozenset({"&&", "||", ";;", "|", "|&", ";", "&", "(", ")", "\n"})
_BLANK = re.compile(r"(?:[ \t\r\ufeff]|\\\r?\n)+")
_COMMENT = re.compile(r"#[^\n]*")
_PLAIN = re.compile(r"[^\s'\"`$\\;|&()<>]+")
#: Nobody nests `"$("$(…)")"` deeper.
_DEEPEST = 20
_EXPANSION = re.compile(r"\$\{[^}]*\}?|\$\w+|\$[@*#?!$-]|\$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A redirection, or what ends a command."""

    text: str
    line: int
    end: int
    #: The lines of a here-document.
    body: str | None = None

    @property
    def separates(self) -> bool:
        """Whether a new command begins behind it."""
        return self.text in _SEPARATING


@dataclass(slots=True, kw_only=True)
class Word:
    """A word; its quotes are gone, what is expanded stays."""

    line: int
    start: int
    end: int
    value: str = ""
    #: The insides of its `$(…)` and backquotes, with the line each begins in.
    substitutions: list[tuple[int, str]] = field(default_factory=list)


def pieces(text: str, line: int = 1) -> Iterator[Word | Operator]:
    """Yield words and operators. Whatever is not closed goes on to the end."""
    return _Reader(text=text, first=line).pieces()


@dataclass(slots=True, kw_only=True)
class _Reader:
    text: str
    first: int
    at: int = 0
    #: Delimiters of here-documents that begin on the next line; where `<<-` stands, tabs may precede them.
    awaited: list[tuple[str, int]] = field(default_factory=list)
    #: How far lines are counted, and how many there were.
    counted: tuple[int, int] = (0, 0)

    def pieces(self) -> Iterator[Word | Operator]:
        while self.at < len(self.text):
            if skipped := _BLANK.match(self.text, self.at) or _COMMENT.match(self.text, self.at):
                self.at = skipped.end()
            elif found := _OPERATOR.match(self.text, self.at):
                yield from self._operator(found.group())
            else:
                word = self._word()
                if not (word.value.isdigit() and self.text[self.at : self.at + 1] in {"<", ">"}):  # 2>
                    yield word

    def _line(self) -> int:
        position, lines = self.counted
        self.counted = self.at, lines + self.text.count("\n", position, self.at)
        return self.first + self.counted[1]

    def _operator(self, sign: str) -> Iterator[Operator]:
        line = self._line()
        self.at += len(sign)
        if sign in {"<<", "<<-"}:
            self.at += len(self.text[self.at :]) - len(self.text[self.at :].lstrip(" \t"))
            delimiter = self._word().value
            yield Operator(text=sign, line=line, end=self.at, body=self._here_document(delimiter))
        else:
            yield Operator(text=sign, line=line, end=self.at)
            if sign == "\n":
                self._pass_here_documents()

    def _here_document(self, delimiter: str) -> str:
        """Return the body that begins on the next line, and remember to pass over it there."""
        start = self.text.find("\n", self.at) + 1 or len(self.text)
        start = max(start, self.awaited[-1][1] + 1 if self.awaited else 0)
        end = re.compile(rf"^[\t ]*{re.escape(delimiter)}\r?$", re.MULTILINE).search(self.text, start)
        self.awaited.append((delimiter, end.end() if end else len(self.text)))
        return self.text[start : end.start() if end else len(self.text)]

    def _pass_here_documents(self) -> None:
        if self.awaited:
            self.at = max(self.at, self.awaited[-1][1])
            self.awaited.clear()

    def _word(self) -> Word:
        word = Word(line=self._line(), start=self.at, end=self.at)
        while self.at < len(self.text) and self._part(word):
            pass
        if self.at == word.start:  # nothing that can begin a word: pass over it, so that reading goes on
            self.at += 1
        word.end = self.at
        return word

    def _part(self, word: Word) -> bool:
        """Take one part of a word; False where the word ends."""
        sign = self.text[self.at]
        if sign == "'":
            end = self.text.find("'", self.at + 1)
            word.value += self.text[self.at + 1 : end if end >= 0 else len(self.text)]
            self.at = end + 1 if end >= 0 else len(self.text)
        elif sign == '"':
            self.at += 1
            self._quoted(word)
        elif sign == "\\":
            pair = self.text[self.at + 1 : self.at + 2]
            word.value += "" if pair in {"\n", "\r"} else pair
            self.at += 2
        elif sign in "$`":
            self._expansion(word)
        elif plain := _PLAIN.match(self.text, self.at):
            word.value += plain.group()
            self.at = plain.end()
        else:
            return False
        return True

    def _quoted(self, word: Word) -> None:
        while self.at < len(self.text) and self.text[self.at] != '"':
            sign = self.text[self.at]
            if sign == "\\" and self.text[self.at + 1 : self.at + 2] in {'"', "\\", "$", "`", "\n"}:
                word.value += self.text[self.at + 1].strip("\n")
                self.at += 2
            elif sign in "$`":
                self._expansion(word)
            else:
                word.value += sign
                self.at += 1
        self.at += 1

    def _expansion(self, word: Word) -> None:
        """Take `$NAME`, `${…}`, `$(…)`, `$'…'` or a backquoted command, as it is written."""
        start, line = self.at, self._line()
        if self.text.startswith("$(", start):
            self.at = _closing(self.text, start + 2)
            word.substitutions.append((line, self.text[start + 2 : self.at - 1]))
        elif self.text[start] == "`":
            end = self.text.find("`", start + 1)
            self.at = end + 1 if end >= 0 else len(self.text)
            word.substitutions.append((line, self.text[start + 1 : self.at - 1]))
        elif found := _EXPANSION.match(self.text, start):
            self.at = found.end()
        word.value += self.text[start : self.at]


def _closing(text: str, start: int, nested: int = 0) -> int:
    """Return the position behind the `)` that closes what begins at `start`."""
    depth, at = 1, start
    while at < len(text) and depth:
        sign = text[at]
        if sign == "\\":
            at += 2
        elif sign == "'":
            at = text.find("'", at + 1) + 1 or len(text)
        elif sign == '"':
            at = _behind_quotes(text, at + 1, nested)
        else:
            depth += (sign == "(") - (sign == ")")
            at += 1
    return min(at, len(text))


def _behind_quotes(text: str, start: int, nested: int) -> int:
    """Return the position behind the `"` that closes what begins at `start`; `$(…)` in it has quotes of its own."""
    at = start
    while at < len(text) and text[at] != '"':
        if text.startswith("$(", at) and nested < _DEEPEST:
            at = _closing(text, at + 2, nested + 1)
        else:
            at += 2 if text[at] == "\\" else 1
    return at + 1
