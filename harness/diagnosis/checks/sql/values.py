"""Columns that need a value and get none."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.diagnosis.asked_handles import missing_handles
from harness.diagnosis.check import check
from harness.diagnosis.failed_sql import Failed, failed_statements, failed_texts
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.selected_users import inserts_of_nobody
from harness.project.place import Place
from harness.project.sql.relations import all_relations
from harness.project.sql.text import insert_of
from harness.project.sql.words import find_words, relation_name, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.sql.relations import WrittenColumn
    from harness.project.sql.text import Insert, Value

_NOT_NULL = "23502"
_INSERT_OF_USERS = re.compile(r"insert\s+into\s+\S*users\b")
_NAMED = re.compile(r'column "(?P<column>[^"]+)"(?: of relation "(?P<relation>[^"]+)")?')


@check(
    "SQL102",
    example="""
    -- schema.sql: email text NOT NULL
    INSERT INTO users (display_name, handle) VALUES ('Ada', 'ada');
    """,
)
def needed_columns_are_filled(facts: Facts) -> Iterator[Problem]:
    """Every INSERT fills the columns that may not be empty.

    Add the column to the list of columns and a value to every row; or give the column a DEFAULT, or take its
    NOT NULL away, in the schema.
    """
    told = set()
    for failed in failed_statements(facts, _NOT_NULL):
        named, insert = _NAMED.search(failed.error.message), failed.insert
        if named is None or _searched(insert, named["column"]):
            continue
        column, relation = named["column"], named["relation"] or (insert.table if insert else "")
        if (failed.path, relation, failed.error.place.line) not in told:
            told.add((failed.path, relation, failed.error.place.line))
            yield _unfilled(facts, failed, relation, column)
    yield from _unfilled_queries(facts)


@check(
    "SQL104",
    example="""
    INSERT INTO activities (user_uuid, message)
    VALUES ((SELECT uuid FROM users WHERE handle = 'nobody'), 'hi');
    """,
)
def searched_users_exist(facts: Facts) -> Iterator[Problem]:
    """Whoever a sub-select of the seed looks for is there.

    Write the handle as the INSERT of users has it, and put that INSERT before this one.
    """
    told = set()
    elsewhere = missing_handles(facts)  # asked for by scripts too: SEED101 tells of all places
    for failed in failed_statements(facts, _NOT_NULL):
        named, insert = _NAMED.search(failed.error.message), failed.insert
        searched = _searched(insert, named["column"]) if named and insert else ()
        others = " ".join(failed_texts(facts, but=failed)).casefold()
        if not _handles(facts) and _INSERT_OF_USERS.search(others):
            continue  # nobody is there because that failed
        missing = [
            value
            for value in searched
            if not _found(facts, value) and not _is_in(value, others) and _literal(value) not in elsewhere
        ]
        for value in missing[:1]:
            if (failed.path, _literal(value)) not in told:
                told.add((failed.path, _literal(value)))
                yield _nobody(facts, failed, value)
    for source, insert, token in inserts_of_nobody(facts):
        place, near = Place(path=source.path, line=token.line), _nearest(token.string or "", _handles(facts))
        yield Problem(
            cause=f"the INSERT into {insert.table} takes the user {token.string!r}, whom users does not have"
            f"{f'; it has {near!r}' if near else ''}: it writes no row, without an error",
            evidence=(Evidence(text=source.lines[token.line - 1].strip(), place=place),),
            place=place,
            advice=f"Write {near!r} in place of {token.string!r}." if near else "",
        )


def _searched(insert: Insert | None, column: str) -> tuple[Value, ...]:
    """Return the sub-selects that were to fill a column."""
    if insert is None or column not in insert.columns:
        return ()
    index = insert.columns.index(column)
    values = [row.values[index] for row in insert.rows if index < len(row.values)]
    return tuple(value for value in values if find_words(value.tokens, "SELECT"))


def _literal(value: Value) -> str:
    """Return the text that a sub-select compares with; empty where it is none, or more than one."""
    texts = [token.string for token in value.tokens if token.string is not None]
    return texts[0] if len(texts) == 1 else ""


def _is_in(value: Value, others: str) -> bool:
    """Whether the row that is looked for stands in a statement that failed: then this follows from that."""
    literal = _literal(value).casefold()
    return f"'{literal}'" in others if literal else bool(others)


def _found(facts: Facts, value: Value) -> bool:
    """Whether the sub-select finds something after all, so that another row is the one that failed."""
    literal = _literal(value)
    return bool(literal) and literal in _handles(facts)


def _handles(facts: Facts) -> tuple[str, ...]:
    users = facts.rehearsal.first.users if facts.rehearsal is not None else None
    rows = users.rows if users is not None else ()
    return tuple(str(value) for row in rows for value in row.values() if isinstance(value, str))


def _nobody(facts: Facts, failed: Failed, value: Value) -> Problem:
    literal, handles = _literal(value), _handles(facts)
    after = find_words(value.tokens, "FROM")
    relation = relation_name(value.tokens, after)[0] if after else "users"
    near = _nearest(literal, handles)
    line = next((token.line for token in value.tokens if token.string is not None), value.line)
    has = f"; it has {near!r}" if near else "" if handles else f"; {relation} is empty"
    meant = f"Write {near!r} in place of {literal!r}, " if near else "Use a handle that the seed inserts, "
    return Problem(
        cause=f"the sub-select in line {line} looks for {literal!r}, whom {relation} does not have{has}: "
        "it gives NULL, and the whole INSERT is lost",
        evidence=failed.evidence,
        place=failed.place(line),
        advice=f"{meant}or insert {literal!r} before it.",
    )


def _nearest(literal: str, handles: tuple[str, ...]) -> str:
    folded = [each for each in handles if each.casefold() == literal.casefold()]
    return next(iter([*folded, *get_close_matches(literal, handles, n=1, cutoff=0.6)]), "")


def _unfilled(facts: Facts, failed: Failed, relation: str, column: str) -> Problem:
    insert = failed.insert
    written = _column(facts, relation, column)
    where = f" in {written.place}" if written is not None else ""
    if insert is not None and column in insert.columns:
        cause = f"the INSERT into {relation} in line {insert.line} gives NULL for {column}, which is NOT NULL{where}"
        advice = f"Give every row a value for {column}."
    else:
        begun = f"in line {insert.line} " if insert is not None else ""
        cause = f"{relation}.{column} is NOT NULL{where}, and the INSERT {begun}does not fill it: all its rows are lost"
        advice = _how_to_fill(insert, column)
    return Problem(
        cause=cause,
        evidence=(*failed.evidence, *_definition(facts, written)),
        place=failed.place(insert.line) if insert is not None else failed.error.place,
        advice=advice,
    )


def _how_to_fill(insert: Insert | None, column: str) -> str:
    if insert is None or not insert.columns:
        return f"Add {column} to the INSERT, and a value to every row."
    columns = ", ".join((*insert.columns, column))
    row = f", and a value for it at the end of each of the {len(insert.rows)} rows" if insert.rows else ""
    return f"Add {column}: INSERT INTO {insert.table} ({columns}){row}; or take NOT NULL away from it in the schema."


def _column(facts: Facts, relation: str, column: str) -> WrittenColumn | None:
    written = all_relations(facts.project).get(relation) if facts.project is not None else None
    return written.column(column) if written is not None else None


def _definition(facts: Facts, column: WrittenColumn | None) -> tuple[Evidence, ...]:
    source = facts.project.find(column.place.path) if facts.project is not None and column is not None else None
    if source is None or column is None:
        return ()
    return (Evidence(text=source.lines[column.place.line - 1].strip(), place=column.place),)


def _unfilled_queries(facts: Facts) -> Iterator[Problem]:
    """Yield the INSERTs of the application that no run has tried."""
    if facts.project is None:
        return
    relations = all_relations(facts.project)
    for source in facts.project.with_role("sql-query"):
        for insert in filter(None, map(insert_of, statements(source.text))):
            relation = relations.get(insert.table)
            if relation is None or not insert.columns:
                continue
            lacking = [each for each in relation.columns if each.needed and each.name not in insert.columns]
            if lacking:
                yield Problem(
                    cause=f"{insert.table}.{lacking[0].name} is NOT NULL in {lacking[0].place}, "
                    f"and the INSERT in {source.path} does not fill it",
                    evidence=_definition(facts, lacking[0]),
                    place=Place(path=source.path, line=insert.line),
                    advice=_how_to_fill(insert, lacking[0].name),
                )
