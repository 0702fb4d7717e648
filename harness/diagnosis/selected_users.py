"""INSERTs that take a user out of a SELECT and find nobody: there is no error, and no row."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from harness.diagnosis.asked_handles import handles_of, missing_handles, readable_users
from harness.project.sql.text import insert_of
from harness.project.sql.words import statements, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.project.sql.text import Insert
    from harness.project.sql.tokens import Token

_HANDLE = "handle"


def inserts_of_nobody(facts: Facts) -> Iterator[tuple[Source, Insert, Token]]:
    """Yield the INSERTs of the seed whose SELECT wants a handle that no user has, with that handle.

    Where statements failed, who is missing follows from that; whom scripts ask for too, SEED101 tells of.
    """
    users = readable_users(facts)
    rehearsal = facts.rehearsal
    if users is None or rehearsal is None or any(run.errors for run in rehearsal.sql if run.pass_ == 1):
        return
    known = handles_of(users) | missing_handles(facts).keys()
    for source in facts.project.with_role("sql-seed") if facts.project is not None else ():
        for insert in filter(None, map(insert_of, statements(source.text))):
            token = _handle(insert.rest) if not insert.rows and insert.table != users.name else None
            if token is not None and token.string not in known:
                yield source, insert, token


def _handle(rest: Sequence[Token]) -> Token | None:
    """Return the text of `WHERE handle = '…'`, outside of parentheses, where nothing else may be true instead."""
    depth = 0
    if "OR" in words(rest):
        return None
    for (name, equals), (_, text) in pairwise(pairwise(rest)):
        depth += name.says("(") - name.says(")")
        if depth == 0 and name.name == _HANDLE and equals.says("=") and text.string is not None:
            return text
    return None
