"""Key words of a stretch of SQL, whatever their letter case."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.sql import text as sql_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.project.sql.text import Statement
    from harness.project.sql.tokens import Token


@lru_cache(maxsize=256)
def statements(text: str) -> tuple[Statement, ...]:
    """Return the statements of a file; every check asks again, and the answer is kept."""
    return sql_text.statements(text)


def word(token: Token) -> str:
    """Return a key word in capitals, or a sign; empty for everything quoted."""
    return token.text.upper() if token.kind in ("word", "symbol") else ""


def words(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return one word for each token."""
    return tuple(word(token) for token in tokens)


def find_words(tokens: Sequence[Token], *wanted: str) -> int | None:
    """Return the index behind the first place where these words stand one after another."""
    said = words(tokens)
    return next(
        (i + len(wanted) for i in range(len(said) - len(wanted) + 1) if said[i : i + len(wanted)] == wanted), None
    )


def relation_name(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """Return the name of a relation that stands at an index, without `public.`, and the index behind it."""
    parts: list[str] = []
    while at < len(tokens) and (name := tokens[at].name) is not None:
        parts.append(name)
        at += 1
        if at >= len(tokens) or tokens[at].text != ".":
            break
        at += 1
    return ".".join(parts).removeprefix("public."), at
