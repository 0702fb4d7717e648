"""Key words that are misspelled, and names that are key words."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.project.sql.change import Change
from harness.project.sql.slips.spot import STARTS, Slip, short
from harness.project.sql.words import word, words

if TYPE_CHECKING:
    from harness.project.sql.slips.spot import Spot
    from harness.project.sql.tokens import Token


_KEYWORDS = frozenset(
    """ADD ALL ALTER AND AS ASC BEGIN BETWEEN BIGINT BOOLEAN BY CASCADE CASE CHECK COALESCE COLUMN COMMENT COMMIT CONFLICT
    CONSTRAINT COPY CREATE CURRENT_DATE CURRENT_TIMESTAMP DATABASE DEFAULT DELETE DESC DISTINCT DO DROP ELSE END EXISTS EXTENSION
    FALSE FOREIGN FROM FUNCTION GRANT GROUP HAVING IF IN INDEX INNER INSERT INTEGER INTERVAL INTO IS JOIN KEY LEFT LIKE LIMIT
    NOT NOTHING NOW NULL OFFSET ON OR ORDER PRIMARY PUBLIC REFERENCES RETURNING RIGHT ROLLBACK SCHEMA SELECT SEQUENCE SET TABLE TEXT
    THEN TIMESTAMP TO TRIGGER TRUE TRUNCATE TYPE UNION UNIQUE UPDATE USING UUID VALUES VARCHAR VIEW WHEN WHERE WITH""".split()  # noqa: SIM905 - easier to read
)


#: SQL key words (PostgreSQL manual, appendix C) that make good names of tables in other databases.
_RESERVED = frozenset({"USER", "ORDER", "GROUP", "TABLE", "LIMIT", "DEFAULT", "END", "CHECK", "DESC", "FROM", "TO"})


_TYPES = frozenset(
    {"UUID", "TEXT", "INTEGER", "INT", "BIGINT", "SERIAL", "BIGSERIAL", "VARCHAR", "TIMESTAMP", "BOOLEAN"}
)
#: A first word that is no key word is noticed at the word behind it, or one later.
_NEAR_START = 2


def misspelled(where: Spot) -> Slip | None:
    """Notice a word that is nearly a key word."""
    first = where.tokens[0] if where.at <= _NEAR_START else None
    for token in (where.before, where.token, first):
        if token is None or token.kind != "word" or word(token) in _KEYWORDS | STARTS:
            continue
        near = get_close_matches(word(token), sorted(_KEYWORDS), n=1, cutoff=0.75)
        if near and near[0].count("_") == token.text.count("_"):
            meant = near[0] if token.text.isupper() else near[0].lower()
            return Slip(
                line=token.line,
                cause=f"`{token.text}` in line {token.line} is no key word of SQL",
                advice=f"Write `{meant}` in its place.",
                change=Change(start=token.start, end=token.end, new=meant),
            )
    return None


def reserved(where: Spot) -> Slip | None:
    """Notice a table named like a key word."""
    token, before = where.token, where.before
    if token is None or before is None or word(token) not in _RESERVED:
        return None
    if word(before) not in {"TABLE", "INTO", "FROM", "UPDATE", ".", "EXISTS"}:
        return None
    return Slip(
        line=token.line,
        cause=f"`{token.text}` in line {token.line} is a reserved word and no name",
        advice=f'Use another name, or quote it everywhere: "{token.text}".',
    )


def missing_word(where: Spot) -> Slip | None:
    """Notice INSERT without INTO or VALUES."""
    token, before = where.token, where.before
    if token is None or before is None or where.statement.kind != "INSERT":
        return None
    if where.at == 1:
        # A misspelled INTO is followed by the name.
        followed = where.at + 1 < len(where.tokens) and where.tokens[where.at + 1].name
        return _lacks("INTO", token) if token.name and not followed else None
    row = where.at >= _NEAR_START and before.text == "(" and where.tokens[where.at - 2].text == ")"
    return _lacks("VALUES", before) if row and "VALUES" not in words(where.tokens) else None


def _lacks(missing: str, token: Token) -> Slip:
    return Slip(
        line=token.line,
        cause=f"`{missing}` is missing before `{short(token.text)}` in line {token.line}",
        advice=f"Write `{missing} {short(token.text)}`.",
        change=Change(start=token.start, end=token.start, new=f"{missing} "),
    )


def foreign_comment(where: Spot) -> Slip | None:
    """Notice the comments of other languages."""
    token = where.token
    if token is None or token.text not in {"#", "/"}:
        return None
    length = 1 if token.text == "#" else 2
    return Slip(
        line=token.line,
        cause=f"`{token.text * length}` begins no comment in SQL",
        advice=f"Begin the comment in line {token.line} with `--`.",
        change=Change(start=token.start, end=token.start + length, new="--"),
    )


def doubled_word(where: Spot) -> Slip | None:
    """Notice a word or a value that stands twice."""
    token, before = where.token, where.before
    if token is None or before is None or token.text != before.text or token.kind == "symbol":
        return None
    return Slip(
        line=token.line,
        cause=f"{short(token.text)} stands twice in line {token.line}",
        advice=f"Take one {short(token.text)} away.",
        change=Change(start=before.end, end=token.end, new=""),
    )


def missing_create(where: Spot) -> Slip | None:
    """Notice the columns of a table that no CREATE TABLE begins."""
    is_column = len(where.tokens) > _NEAR_START and where.tokens[0].name and word(where.tokens[1]) in _TYPES
    if where.at > 1 or not is_column or ")" not in words(where.tokens):
        return None
    first = where.tokens[0]
    return Slip(
        line=first.line,
        cause=f"no `CREATE TABLE name (` stands before the column {first.text} in line {first.line}",
        advice="Begin the columns with CREATE TABLE, the table's name and `(`.",
    )


def bare_extension(where: Spot) -> Slip | None:
    """Notice the dash of `uuid-ossp` outside of quotes."""
    token, before = where.token, where.before
    if token is None or before is None or token.text != "-" or where.statement.kind != "CREATE EXTENSION":
        return None
    name = "".join(each.text for each in where.tokens[where.at - 1 : where.at + 2])
    return Slip(
        line=token.line,
        cause=f"the name {name} in line {token.line} has a dash, and no quotes around it",
        advice=f'Write "{name}" in double quotes.',
        change=Change(start=before.start, end=before.start + len(name), new=f'"{name}"'),
    )
