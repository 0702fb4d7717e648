"""Commas, semicolons and parentheses that are missing, or stand where none belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.project.sql.change import Change
from harness.project.sql.slips.spot import STARTS, Slip, Spot, short, unclosed
from harness.project.sql.text import insert_of
from harness.project.sql.words import word, words

if TYPE_CHECKING:
    from harness.project.sql.tokens import Token


#: What may follow a list, and never a comma.
_BEHIND_A_LIST = frozenset({")", ";", ",", "FROM", "WHERE", "ON", "RETURNING"})


def stray_semicolon(where: Spot) -> Slip | None:
    """Notice a `;` between the rows of an INSERT."""
    if where.at > 1 or where.index == 0 or where.tokens[0].text not in "(,":
        return None
    earlier = where.statements[where.index - 1]
    insert, end = insert_of(earlier), earlier.tokens[-1]
    if insert is None or not insert.rows or end.text != ";":
        return None
    comma = "" if "," in (where.tokens[0].text, earlier.tokens[-2].text) else ","
    return Slip(
        line=end.line,
        cause=f"the `;` in line {end.line} ends the INSERT, and the rows from line {where.statement.line} on belong to no statement",
        advice=f"Replace the `;` at the end of line {end.line} by `,`."
        if comma
        else f"Delete the `;` in line {end.line}.",
        change=Change(start=end.start, end=end.end, new=comma),
    )


def semicolon_inside(where: Spot) -> Slip | None:
    """Notice a `;` in parentheses, or a statement that begins in them."""
    token = where.token
    if where.depth <= 0 or (token is not None and token.text != ";" and word(token) not in STARTS | {"VALUES"}):
        return None
    if token is not None and token.text == ";":
        after = where.tokens[where.at + 1] if where.at + 1 < len(where.tokens) else None
        if after is not None and word(after) not in STARTS:
            comma = "" if after.text == ")" else ","
            return Slip(
                line=token.line,
                cause=f"a `;` stands inside the parentheses in line {token.line}",
                advice=f"Replace it by `{comma}`." if comma else "Delete it.",
                change=Change(start=token.start, end=token.end, new=comma),
            )
    elif token is not None and (word(token) == "SELECT" or not where.starts_line):
        return None
    opening = unclosed(where.tokens[: where.at])
    row = _end_of_row(where, opening) if token is None or token.text == ";" else None
    last = row or where.before or opening
    return Slip(
        line=last.last_line,
        cause=f"the parenthesis opened in line {opening.line} is not closed before the end of the statement",
        advice=f"Close it with `)` in line {last.last_line}.",
        change=Change(start=last.end, end=last.end, new=")") if opening.line == last.last_line else None,
    )


def _end_of_row(where: Spot, opening: Token) -> Token | None:
    """Return the last token of a row that is open when the next one begins in a line of its own."""
    tokens = [token for token in where.tokens if token.start > opening.start]
    for before, comma, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if comma.text == "," and after.text == "(" and after.line > comma.line:
            return before
    return None


def missing_parenthesis(where: Spot) -> Slip | None:
    """Notice a row of VALUES, or the columns of a table, that nothing opens."""
    token, before = where.token, where.before
    if token is None or before is None or where.depth != 0 or not where.starts_line:
        return None
    in_values = "VALUES" in words(where.tokens[: where.at]) and word(before) in (",", "VALUES")
    in_table = where.statement.kind == "CREATE TABLE" and before.name and word(token) not in STARTS
    if not (in_values and token.kind == "string") and not (in_table and token.kind == "word"):
        return None
    return Slip(
        line=token.line,
        cause=f"no parenthesis opens before `{short(token.text)}` in line {token.line}",
        advice=f"Put a `(` before `{short(token.text)}`.",
        change=Change(start=token.start, end=token.start, new="("),
    )


def trailing_comma(where: Spot) -> Slip | None:
    """Notice a comma behind the last one of a list."""
    comma, token = where.before, where.token
    if comma is None or comma.text != ",":
        return None
    if token is not None and word(token) not in STARTS | _BEHIND_A_LIST:
        return None
    if token is not None and token.text == ";" and where.index + 1 < len(where.statements):
        rest = Spot(statements=where.statements, index=where.index + 1, at=0)
        if (slip := stray_semicolon(rest)) is not None:
            return slip
    ends = token is None or word(token) in STARTS
    return Slip(
        line=comma.line,
        cause=f"a comma in line {comma.line} promises another one, and "
        + (f"`{token.text}` follows" if token is not None else "the file ends"),
        advice=f"Replace the `,` by `;` in line {comma.line}." if ends else f"Delete the `,` in line {comma.line}.",
        change=Change(start=comma.start, end=comma.end, new=";" if ends else ""),
    )


def missing_comma_between_rows(where: Spot) -> Slip | None:
    """Notice two rows without a comma between them."""
    token, before = where.token, where.before
    if (
        token is None
        or before is None
        or token.text != "("
        or before.text != ")"
        or "VALUES" not in words(where.tokens)
    ):
        return None
    return Slip(
        line=before.line,
        cause=f"there is no comma between the row that ends in line {before.line} and the next one",
        advice=f"Add a `,` at the end of line {before.line}.",
        change=Change(start=before.end, end=before.end, new=","),
    )


def missing_semicolon(where: Spot) -> Slip | None:
    """Notice a statement that begins a line in the middle of another one."""
    for at in (where.at, where.at - 1):
        if not 0 < at < len(where.tokens):
            continue
        token, before = where.tokens[at], where.tokens[at - 1]
        if word(token) in STARTS - {"SET", "SELECT", "DO"} and before.last_line < token.line and before.text != ",":
            return Slip(
                line=before.last_line,
                cause=f"no `;` ends the statement before `{token.text}` in line {token.line}",
                advice=f"Add a `;` at the end of line {before.last_line}.",
                change=Change(start=before.end, end=before.end, new=";"),
            )
    return None


def missing_comma(where: Spot) -> Slip | None:
    """Notice two values, or two columns, without a comma between them."""
    token, before = where.token, where.before
    if token is None or before is None or where.depth == 0:
        return None
    opened = where.tokens.index(unclosed(where.tokens[: where.at]))
    if words(where.tokens[opened + 1 : opened + 2]) == ("SELECT",):
        return None  # conditions have no commas
    names = where.statement.kind == "INSERT" and "VALUES" not in words(where.tokens[: where.at])
    is_next = token.kind in ("string", "number", "variable", "placeholder") or (
        token.name is not None and (where.starts_line or (names and before.name is not None))
    )
    if not is_next or (before.kind == "symbol" and before.text != ")"):
        return None
    return Slip(
        line=before.last_line,
        cause=f"there is no comma between `{short(before.text)}` and `{short(token.text)}`",
        advice=f"Add a `,` behind `{short(before.text)}` in line {before.last_line}.",
        change=Change(start=before.end, end=before.end, new=","),
    )
