"""SQL as psql reads it: words, quoted text, variables and meta-commands, each with its line. Comments are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

TokenKind = Literal["word", "quoted", "string", "number", "placeholder", "variable", "meta", "symbol"]

_TOKEN = re.compile(
    r"""
      (?P<space>(?:\s|\ufeff)+ | --[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\Z)
               | (?:[bBxXnN]|[uU]&)?'[^']*(?:''[^']*)*(?:'|\Z)
               | \$(?P<tag>(?:[^\W\d]\w*)?)\$ .*? (?:\$(?P=tag)\$|\Z))
    | (?P<quoted>"[^"]*(?:""[^"]*)*(?:"|\Z))
    | (?P<placeholder>%\(\w+\)s | %s)
    | (?P<cast>::)
    | (?P<variable>:(?:'\w+'|"\w+"|[^\W\d]\w*))
    | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)? | \.\d+)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<meta>\\[^\n]*)
    | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The smallest piece of SQL that means something."""

    kind: TokenKind
    #: As it is written.
    text: str
    start: int
    line: int

    @property
    def end(self) -> int:
        """Where the next piece may begin."""
        return self.start + len(self.text)

    @property
    def last_line(self) -> int:
        """The line it ends in."""
        return self.line + self.text.count("\n")

    @property
    def closed(self) -> bool:
        """False for quoted text that goes on to the end of the file."""
        if self.kind not in {"string", "quoted"}:
            return True
        opened = self.text.lstrip("eEbBxXnNuU&")
        mark = opened[: opened.find("$", 1) + 1] if opened.startswith("$") else opened[:1]
        return len(opened) >= 2 * len(mark) and opened.endswith(mark)

    def says(self, *words: str) -> bool:
        """Whether it is one of the words or signs, whatever the letter case."""
        return self.kind in {"word", "symbol"} and self.text.upper() in words

    @property
    def name(self) -> str | None:
        """The identifier it stands for: folded to small letters, unless quoted."""
        if self.kind == "word":
            return self.text.lower()
        return self.text[1:-1].replace('""', '"') if self.kind == "quoted" else None

    @property
    def string(self) -> str | None:
        """What a string literal means."""
        if self.kind != "string":
            return None
        if self.text.startswith("$"):
            mark = self.text[: self.text.index("$", 1) + 1]
            return self.text[len(mark) : -len(mark)]
        body = self.text[self.text.index("'") + 1 : -1].replace("''", "'")
        if self.text[0] in "eE":
            return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found.group(1), found.group(1)), body, flags=re.DOTALL)
        return body


def tokens(sql: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of a text from a position on. Nothing is refused: what can't be SQL comes as symbols."""
    position, line = start, sql.count("\n", 0, start) + 1
    while position < len(sql):
        found = _TOKEN.match(sql, position)
        if found is None:  # pragma: no cover - the last alternative takes any character
            return
        kind, end = found.lastgroup, found.end()
        if kind == "tag":
            kind = "string"
        if kind == "comment":
            end = _comment_end(sql, position)
        elif kind == "cast":
            yield Token(kind="symbol", text="::", start=position, line=line)
        elif kind != "space":
            yield Token(kind=kind, text=found.group(), start=position, line=line)  # type: ignore[arg-type]
        line += sql.count("\n", position, end)
        position = end


def _comment_end(sql: str, start: int) -> int:
    """Return where a block comment ends; they nest (PostgreSQL manual, 4.1.5)."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(sql, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(sql)
