"""Whether a change makes a statement one that PostgreSQL may well read."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from harness.project.sql.text import insert_of
from harness.project.sql.text import statements as uncached

if TYPE_CHECKING:
    from harness.project.sql.change import Change
    from harness.project.sql.text import Insert, Statement


def fits(text: str, change: Change, line: int) -> bool:
    """Tell whether rows and columns of the statement are of one length after it, and no quote is left open."""
    changed = text[: change.start] + change.new + text[change.end :]
    statement = next((each for each in uncached(changed) if each.last_line >= line), None)
    if statement is None or _has_loose_quotes(statement):
        return False
    insert = insert_of(statement)
    return insert is None or _is_even(insert)


def _has_loose_quotes(statement: Statement) -> bool:
    """Whether a text touches a word, as it does where it was not meant to begin or end there."""
    touching = (
        before.end == after.start
        for before, after in pairwise(statement.tokens)
        if {before.kind, after.kind} in ({"string", "word"}, {"string", "number"})
    )
    return any(touching) or any(not token.closed for token in statement.tokens)


def _is_even(insert: Insert) -> bool:
    sizes = {len(row.values) for row in insert.rows}
    return len(sizes) <= 1 and (not sizes or not insert.columns or sizes == {len(insert.columns)})
