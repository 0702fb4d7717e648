"""Names that PostgreSQL does not know."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.failed_sql import failed_statements, failed_to_create
from harness.diagnosis.finding import Evidence, Problem
from harness.project.sql.change import Change
from harness.project.sql.relations import all_relations
from harness.project.sql.words import find_words, relation_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.failed_sql import Failed
    from harness.project.sql.tokens import Token

#: Undefined column, table, object, function, schema; an extension that the server does not have.
_UNKNOWN = ("42703", "42P01", "42704", "42883", "3F000", "0A000", "58P01")
_RELATION_NAME = re.compile(r'relation "([^"]+)" does not exist')
_COLUMN_NAME = re.compile(r'column "?([^"]+?)"?(?: of relation "([^"]+)")? does not exist')
_TYPE_NAME = re.compile(r'type "([^"]+)" does not exist')
_EXTENSION_NAME = re.compile(r'extension "([^"]+)" is not available')
#: Of PostgreSQL's own contrib, and what RDS offers besides.
_EXTENSIONS = ("uuid-ossp", "pgcrypto", "citext", "hstore", "pg_trgm", "unaccent", "pg_stat_statements", "tablefunc")
_ABOUT_EXTENSIONS = re.compile(r"\bcreate\s+ext|\bextension\b|uuid.ossp", re.IGNORECASE)
_TYPES = [
    "text",
    "varchar",
    "uuid",
    "integer",
    "bigint",
    "smallint",
    "serial",
    "bigserial",
    "boolean",
    "timestamp",
    "timestamptz",
    "date",
    "time",
    "interval",
    "json",
    "jsonb",
    "numeric",
    "real",
    "bytea",
    "char",
    "inet",
]


@check(
    "SQL103",
    example="""
    INSERT INTO users (display_name, handel) VALUES ('Ada', 'ada');   -- handle
    """,
)
def names_are_known(facts: Facts) -> Iterator[Problem]:
    """Tables, columns, types and functions that SQL names are there.

    Write the name as the schema has it, or run the schema before this file.
    """
    told = set()
    for failed in failed_statements(facts, *_UNKNOWN):
        kind = failed.statement.kind if failed.statement is not None else ""
        problem = _explained(facts, failed) if not kind.startswith(("DROP", "GRANT", "REVOKE")) else None
        if problem is not None and (failed.path, problem.cause) not in told:
            told.add((failed.path, problem.cause))
            yield problem


def _explained(facts: Facts, failed: Failed) -> Problem | None:
    match failed.error.sqlstate:
        case "42P01":
            return _relation(facts, failed)
        case "42703":
            return _column(facts, failed)
        case "42704":
            return _type(failed)
        case "42883":
            return _function(facts, failed)
        case "0A000" | "58P01":
            return _extension(failed)
    return _problem(failed, failed.error.message)


def _relation(facts: Facts, failed: Failed) -> Problem | None:
    named = _RELATION_NAME.search(failed.error.message)
    name = named.group(1).removeprefix("public.") if named else ""
    if not named or failed_to_create(facts, name):
        return None
    written = all_relations(facts.project) if facts.project is not None else {}
    if name in written:
        place = written[name].place
        ran = {run.path for run in facts.rehearsal.sql} if facts.rehearsal is not None else set()
        if place.path not in ran:
            return None
        return _problem(failed, f"the table {name} is used before {place} creates it", "Create it before it is used.")
    near = get_close_matches(name, sorted(written), n=1, cutoff=0.6)
    cause = f"there is no table {name}" + (f"; {written[near[0]].place} creates {near[0]}" if near else "")
    if not near and not written:
        return None
    # Where other statements use the name too, it is the table that is to be renamed, and that is not ours to say.
    lone = sum(each.error.message == failed.error.message for each in failed_statements(facts, "42P01")) == 1
    advice = f"Write {near[0]} in place of {name}, or {name} in {written[near[0]].place}." if near else ""
    return _problem(failed, cause, advice, _rename(failed, name, near) if lone else None)


def _column(facts: Facts, failed: Failed) -> Problem:
    named = _COLUMN_NAME.search(failed.error.message)
    name = named.group(1).rpartition(".")[2] if named else ""
    quoted = next((token for token in _tokens(failed) if token.kind == "quoted" and token.name == name), None)
    insert = failed.insert
    if quoted is not None and insert is not None and name not in insert.columns:
        change = Change(start=quoted.start, end=quoted.end, new=f"'{name}'")
        return _problem(
            failed,
            f'"{name}" in line {quoted.line} is in double quotes, which make it the name of a column',
            f"Texts stand in single quotes: '{name}'.",
            change,
        )
    relation = _relation_of(failed, name, named.group(2) if named else None)
    known = _columns(facts, relation)
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    has = f"; {relation} has {near[0]}" if near else f"; {relation} has {', '.join(known)}" if known else ""
    advice = f"Write {near[0]} in place of {name}." if near else ""
    return _problem(failed, f"there is no column {name}{has}", advice, _rename(failed, name, near))


def _relation_of(failed: Failed, column: str, named: str | None) -> str:
    """Return the table that lacks a column: the one that the message names, that is inserted into, or that is selected from."""
    insert = failed.insert
    if named or (insert is not None and column in insert.columns):
        return named or (insert.table if insert is not None else "")
    tokens = _tokens(failed)
    at = find_words(tokens, "FROM") or find_words(tokens, "UPDATE")
    return relation_name(tokens, at)[0] if at is not None else ""


def _columns(facts: Facts, relation: str) -> tuple[str, ...]:
    """Return the columns of a table as they are; else as they are written."""
    held = facts.rehearsal.first.relations.get(relation) if facts.rehearsal is not None else None
    if held is not None:
        return tuple(column.name for column in held.columns)
    written = all_relations(facts.project).get(relation) if facts.project is not None else None
    return tuple(column.name for column in written.columns) if written is not None else ()


def _type(failed: Failed) -> Problem | None:
    named = _TYPE_NAME.search(failed.error.message)
    if named is None:
        return None  # a role or a setting of another server
    near = get_close_matches(named.group(1).lower(), _TYPES, n=1, cutoff=0.6)
    advice = f"Write {near[0]} in place of {named.group(1)}." if near else "Use a type that PostgreSQL has."
    return _problem(failed, f"there is no type {named.group(1)}", advice, _rename(failed, named.group(1), near))


def _function(facts: Facts, failed: Failed) -> Problem | None:
    if any(_ABOUT_EXTENSIONS.search(each.error.statement) for each in failed_statements(facts) if each.insert is None):
        return None
    if "uuid_generate" in failed.error.message:
        return _problem(
            failed,
            "uuid_generate_v4() comes with the extension uuid-ossp, which nothing creates",
            'Begin the schema with CREATE EXTENSION IF NOT EXISTS "uuid-ossp"; or use gen_random_uuid().',
        )
    return _problem(failed, failed.error.message)


def _extension(failed: Failed) -> Problem | None:
    """Notice a misspelled extension; one that PostgreSQL has, and this server does not, is no fault of the project."""
    named = _EXTENSION_NAME.search(failed.error.message)
    near = get_close_matches(named.group(1), _EXTENSIONS, n=1, cutoff=0.7) if named else []
    if named is None or not near or near[0] == named.group(1):
        return None
    quoted = next((token for token in _tokens(failed) if token.name == named.group(1)), None)
    change = Change(start=quoted.start, end=quoted.end, new=f'"{near[0]}"') if quoted is not None else None
    return _problem(failed, f"there is no extension {named.group(1)}", f'Write "{near[0]}".', change)


def _tokens(failed: Failed) -> tuple[Token, ...]:
    return failed.statement.tokens if failed.statement is not None else ()


def _rename(failed: Failed, name: str, near: list[str]) -> Change | None:
    found = [token for token in _tokens(failed) if token.name == name.lower()]
    return Change(start=found[0].start, end=found[0].end, new=near[0]) if near and len(found) == 1 else None


def _problem(failed: Failed, cause: str, advice: str = "", change: Change | None = None) -> Problem:
    evidence: tuple[Evidence, ...] = failed.evidence
    return Problem(
        cause=cause,
        evidence=evidence,
        place=failed.error.at or failed.error.place,
        advice=advice,
        edits=failed.edits(change),
    )
