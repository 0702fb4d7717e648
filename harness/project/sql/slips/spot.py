"""Where PostgreSQL stops reading, and what was probably meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.sql.words import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.project.sql.change import Change
    from harness.project.sql.text import Statement
    from harness.project.sql.tokens import Token

#: Key words that begin a statement.
STARTS = frozenset(
    """ALTER BEGIN COMMENT COMMIT CREATE DELETE DO DROP GRANT INSERT REVOKE ROLLBACK SELECT SET TRUNCATE UPDATE
    WITH""".split()  # noqa: SIM905 - easier to read
)
_SHORT = 40


@dataclass(frozen=True, kw_only=True)
class Slip:
    """What was probably meant."""

    line: int
    #: `a ; ends the statement after the row …`; goes on from "because".
    cause: str
    #: The exact edit in words.
    advice: str
    change: Change | None = None
    #: A quote that is not closed also spoils what comes after it in the file.
    spreads: bool = False


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where PostgreSQL stops reading."""

    #: Of one file, in order.
    statements: Sequence[Statement]
    #: Which of them fails.
    index: int
    #: Which of its tokens it stops at; the number of tokens where it reached the end.
    at: int

    @property
    def statement(self) -> Statement:
        """The statement that fails."""
        return self.statements[self.index]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens."""
        return self.statement.tokens

    @property
    def token(self) -> Token | None:
        """The token it stops at."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    @property
    def before(self) -> Token | None:
        """The token before that one."""
        return self.tokens[self.at - 1] if self.at > 0 else None

    @property
    def depth(self) -> int:
        """How many parentheses are open there."""
        return sum({"(": 1, ")": -1}.get(token.text, 0) for token in self.tokens[: self.at])

    @property
    def starts_line(self) -> bool:
        """Whether the token is the first of its line."""
        return self.token is not None and self.before is not None and self.before.last_line < self.token.line


def spots(text: str, line: int, near: str, *, error_line: int | None = None) -> tuple[Spot, ...]:
    """Find the places of a syntax error by the words after `at or near`; `near` is empty at the end of the input.

    There are several where the words stand twice in a line.
    """
    found = statements(text)
    index = next((i for i, each in enumerate(found) if each.last_line >= line), None)
    if index is None:
        return ()
    tokens = found[index].tokens
    if not near:
        return (Spot(statements=found, index=index, at=len(tokens)),)
    fitting = [i for i, token in enumerate(tokens) if token.text == near]
    fitting = fitting or [
        i for i, token in enumerate(tokens) if token.text.startswith(near) or near.startswith(token.text)
    ]
    # psql counts no empty lines within a statement: the place may lie further down than it tells.
    later = [i for i in fitting if error_line is None or tokens[i].line >= error_line] or fitting[-1:]
    return tuple(Spot(statements=found, index=index, at=i) for i in later if tokens[i].line == tokens[later[0]].line)


def unclosed(tokens: Sequence[Token]) -> Token:
    """Return the parenthesis that is left open, the innermost one."""
    open_: list[Token] = []
    for token in tokens:
        if token.text == "(":
            open_.append(token)
        elif token.text == ")" and open_:
            open_.pop()
    return open_[-1]


def short(text: str) -> str:
    """Return the first line of a text, not too much of it."""
    line = text.split("\n", 1)[0]
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"
