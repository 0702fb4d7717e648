"""Quotes that are not closed, not opened, or no quotes of SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.project.sql.change import Change
from harness.project.sql.slips.spot import Slip, short

if TYPE_CHECKING:
    from harness.project.sql.slips.spot import Spot
    from harness.project.sql.tokens import Token


#: What follows a text that is the last value of its line.
_CLOSES = re.compile(r"\s*[),;]+\s*$")
_BEFORE_A_VALUE = frozenset({"(", ",", "=", ">", "<", "|"})
_TYPOGRAPHIC = "\u2018\u2019\u201c\u201d\u00b4"


def typographic_quote(where: Spot) -> Slip | None:
    """Notice quotes of a word processor, and backticks, in the line where PostgreSQL stops."""
    if where.token is None:
        return None
    for each in where.tokens:
        if each.line == where.token.line and each.kind == "symbol" and each.text in _TYPOGRAPHIC + "`":
            meant = (
                "take the ` away: names need no quotes"
                if each.text == "`"
                else "write texts in straight quotes: 'text'"
            )
            return Slip(
                line=each.line,
                cause=f"{each.text} is no quote of SQL",
                advice=f"In line {each.line}, {meant}.",
            )
    return None


def unopened_quote(where: Spot) -> Slip | None:
    """Notice a quote right behind a word: what it closes was never opened."""
    for at in range(1, min(where.at + 2, len(where.tokens))):
        token = where.tokens[at]
        if token.kind == "string" and token.text[0] == "'" and where.tokens[at - 1].end == token.start:
            begin = _begin_of_words(where.tokens, at - 1)
            if begin is not None:
                first = where.tokens[begin]
                return Slip(
                    line=first.line,
                    cause=f"the text that begins with `{first.text}` in line {first.line} has no opening quote",
                    advice=f"Open it: '{first.text}",
                    change=Change(start=first.start, end=first.start, new="'"),
                    spreads=True,
                )
    return None


def _begin_of_words(tokens: tuple[Token, ...], at: int) -> int | None:
    """Return where the bare words begin that end at a token; None where a quote stands before them."""
    begin = None
    while at >= 0 and tokens[at].text not in _BEFORE_A_VALUE:
        if tokens[at].kind == "string" or tokens[at].text == ")":
            return None
        begin, at = at, at - 1
    return begin if at >= 0 else None


def open_quote(where: Spot) -> Slip | None:
    """Notice a text that ends where none was meant to end: right before a letter."""
    token = where.token
    if token is None:
        return None
    texts = [i for i, each in enumerate(where.tokens[: where.at + 1]) if each.kind == "string"]
    broken = [i for i in texts if "\n" in where.tokens[i].text and not where.tokens[i].text.startswith("$")]
    glued = [i for i in texts if i + 1 < len(where.tokens) and _is_glued(where.tokens[i], where.tokens[i + 1])]
    broken = [i for i in broken if i not in glued or _CLOSES.search(where.tokens[i].text.split("\n", 1)[0])]
    if glued and (not broken or glued[0] < broken[0]):
        return _glued(where.tokens[glued[0]], where.tokens[glued[0] + 1])
    if broken:
        return _unclosed_text(where.tokens[broken[0]])
    return None


def _unclosed_text(text: Token) -> Slip:
    first = text.text.split("\n", 1)[0]
    closing = _CLOSES.search(first)
    at = text.start + closing.start() if closing else None
    return Slip(
        line=text.line,
        cause=f"the quote that opens {short(text.text)} in line {text.line} is not closed there",
        advice=f"Close it: {first[: closing.start()]}'{closing.group().rstrip()}"
        if closing
        else f"Close the text in line {text.line} with a `'`.",
        change=Change(start=at, end=at, new="'") if at is not None else None,
        spreads=True,
    )


def _is_glued(text: Token, after: Token) -> bool:
    return text.end == after.start and after.kind in ("word", "quoted", "number") and text.text[-1] == "'"


def _glued(text: Token, after: Token) -> Slip:
    inner = text.text[1:-1]
    if inner.rstrip().endswith((",", "(")) and "\n" not in inner:
        at = text.start + 1 + len(inner.rstrip()) - 1
        return Slip(
            line=text.line,
            cause=f"the text {short(text.text)} in line {text.line} is not closed before the comma",
            advice=f"Close it: {short(text.text[: at - text.start])}',",
            change=Change(start=at, end=at, new="'"),
            spreads=True,
        )
    return Slip(
        line=after.line,
        cause=f"the apostrophe before `{short(after.text)}` in line {after.line} ends the text",
        advice=f"Write the apostrophe twice: {short(text.text)}'{short(after.text)}",
        change=Change(start=text.end, end=text.end, new="'"),
        spreads=True,
    )
