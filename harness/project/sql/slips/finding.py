"""Which of the usual slips it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.project.sql.change import Change
from harness.project.sql.slips import quotes, separators, spelling
from harness.project.sql.slips.fitting import fits
from harness.project.sql.slips.spot import Slip, Spot, spots
from harness.project.sql.words import find_words, statements, words

if TYPE_CHECKING:
    from collections.abc import Callable


_RULES: tuple[Callable[[Spot], Slip | None], ...] = (
    separators.stray_semicolon,
    spelling.foreign_comment,
    quotes.typographic_quote,
    quotes.unopened_quote,
    quotes.open_quote,
    separators.semicolon_inside,
    spelling.doubled_word,
    separators.trailing_comma,
    separators.missing_comma_between_rows,
    separators.missing_semicolon,
    separators.missing_parenthesis,
    spelling.missing_word,
    spelling.bare_extension,
    spelling.misspelled,
    spelling.reserved,
    spelling.missing_create,
    separators.missing_comma,
)
_NEAR = re.compile(r'at or near "(.*)"\Z', re.DOTALL)


def find_slip(text: str, message: str, line: int, error_line: int | None = None) -> Slip | None:
    """Return the likely slip behind a message about the statement in a line; None where none of the usual ones fits."""
    if message.startswith("LIMIT #"):
        return _unclosed_limit(text, line)
    near = _NEAR.search(message)
    if near is None and "end of input" not in message:
        return None
    places = spots(text, line, near.group(1) if near else "", error_line=error_line)
    slips = (slip for place in places for rule in _RULES if (slip := rule(place)) is not None)
    return next((slip for slip in slips if slip.change is None or fits(text, slip.change, slip.line)), None)


def _unclosed_limit(text: str, line: int) -> Slip | None:
    """Notice `(SELECT … LIMIT 1, 'next value')`."""
    for statement in statements(text):
        at = find_words(statement.tokens, "LIMIT")
        if statement.last_line >= line and at is not None and words(statement.tokens[at + 1 : at + 2]) == (",",):
            count = statement.tokens[at]
            return Slip(
                line=count.line,
                cause=f"the sub-select is not closed behind LIMIT {count.text} in line {count.line}",
                advice=f"Write `LIMIT {count.text}),`.",
                change=Change(start=count.end, end=count.end, new=")"),
            )
    return None


def certain_slips(text: str) -> tuple[Slip, ...]:
    """Return the slips that can be seen without running anything: stray semicolons between rows."""
    found = statements(text)
    spots = (Spot(statements=found, index=index, at=0) for index in range(1, len(found)))
    return tuple(slip for each in spots if (slip := separators.stray_semicolon(each)) is not None)
