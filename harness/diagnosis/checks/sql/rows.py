"""Rows that PostgreSQL refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.failed_sql import Failed, failed_statements, failed_texts
from harness.diagnosis.finding import Evidence, Problem
from harness.project.place import Place
from harness.project.sql.text import insert_of
from harness.project.sql.words import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts

_UNIQUE, _FOREIGN = "23505", "23503"
#: Values that don't fit (PostgreSQL manual, appendix A): text representation, type, date, range, length.
_UNFIT = ("22P02", "42804", "22007", "22008", "22003", "22001", "23514", "22P05")
_TOLD_ELSEWHERE = frozenset({"42601", "23502", "42703", "42P01", "42883", "3F000", _UNIQUE, _FOREIGN, *_UNFIT})
#: Objects that are there already, or are not: the schema is run on a fresh database, SQL201 tells of the second run.
_THERE_ALREADY = frozenset({"42P07", "42710", "42P06", "42P04", "2BP01", "25P02"})
#: Roles, rights and extensions of RDS, which a local server may lack.
_OF_THE_SERVER = frozenset({"42501", "0A000", "58P01", "22023", "42704"})
_ABOUT_THE_SERVER = (
    "GRANT",
    "REVOKE",
    "CREATE EXTENSION",
    "CREATE ROLE",
    "ALTER ROLE",
    "ALTER DEFAULT",
    "SET",
    "ALTER TABLE",
    "CREATE USER",
)
_KEY = re.compile(r"Key \((?P<columns>[^)]*)\)=\((?P<values>.*)\)")


@check("SQL105", example="INSERT INTO users (handle) VALUES ('ada'), ('ada');   -- handle is UNIQUE")
def rows_are_unique(facts: Facts) -> Iterator[Problem]:
    """No seed inserts the same key twice.

    Take the second row out, or give it another key.
    """
    for failed in failed_statements(facts, _UNIQUE):
        key = _KEY.search(failed.error.detail)
        value = key["values"] if key else ""
        places = tuple(_places(facts, value)) if value else ()
        also = f", which stands in {' and '.join(map(str, places))}" if len(places) > 1 else ""
        column = key["columns"] if key else "a key"
        yield Problem(
            cause=f"{column} {value} is inserted twice{also}: it is unique, and the whole INSERT is lost",
            evidence=(*failed.evidence, *(Evidence(text=value, place=place) for place in places)),
            place=places[-1] if places else failed.error.place,
        )


@check("SQL106", example="INSERT INTO activities (user_uuid) VALUES ('…');   -- REFERENCES users, which lacks it")
def referred_rows_exist(facts: Facts) -> Iterator[Problem]:
    """What a foreign key refers to is there.

    Insert the row that is referred to first, or write the key that it has.
    """
    for failed in failed_statements(facts, _FOREIGN):
        key, insert = _KEY.search(failed.error.detail), failed.insert
        value = key["values"] if key else ""
        if any(f"'{value}'" in text for text in failed_texts(facts, but=failed)):
            continue
        line = next(
            (token.line for token in (failed.statement.tokens if failed.statement else ()) if token.string == value), 0
        )
        what = f"the INSERT into {insert.table}" if insert is not None else "the statement"
        yield Problem(
            cause=f"{what} refers to a row that is not there: {failed.error.detail or failed.error.message}",
            evidence=failed.evidence,
            place=failed.place(line) if line else failed.error.place,
        )


@check("SQL107", example="INSERT INTO activities (user_uuid) VALUES ('not-a-uuid');")
def values_fit_their_columns(facts: Facts) -> Iterator[Problem]:
    """Every value fits the type of its column.

    Write the value in the form that the type has, or change the type in the schema.
    """
    for failed in failed_statements(facts, *_UNFIT):
        yield Problem(
            cause=f"a value does not fit its column: {failed.error.message}; the whole statement is lost",
            evidence=failed.evidence,
            place=failed.error.at or _line_of_value(failed),
            advice=failed.error.hint,
        )


@check("SQL108", example="\\i tables.sql   -- psql:schema.sql:1: error: tables.sql: No such file or directory")
def psql_commands_work(facts: Facts) -> Iterator[Problem]:
    r"""What psql itself is told to do, it can do.

    `\i` takes paths from the folder that psql is started in, `\ir` from the folder of the file it stands in.
    """
    for failed in failed_statements(facts, ""):
        if failed.error.severity == "error":
            yield Problem(
                cause=f"psql can't do what {failed.error.place} says: {failed.error.message}",
                evidence=failed.evidence,
                place=failed.error.place,
            )


@check("SQL109", example="psql:schema.sql:8: ERROR:  42P16: invalid table definition")
def statements_work(facts: Facts) -> Iterator[Problem]:
    """Every statement of schema and seed does its work.

    PostgreSQL tells what it minds; psql goes on, and its exit code is 0.
    """
    for failed in failed_statements(facts):
        state = failed.error.sqlstate
        kind = failed.statement.kind if failed.statement is not None else ""
        of_the_server = state in _OF_THE_SERVER and (kind in _ABOUT_THE_SERVER or state == "42704")
        if state and state not in _TOLD_ELSEWHERE | _THERE_ALREADY and not of_the_server:
            yield Problem(
                cause=f"{failed.error.message}; the statement is lost",
                evidence=failed.evidence,
                place=failed.error.at or failed.error.place,
                advice=failed.error.hint,
            )


def _places(facts: Facts, value: str) -> Iterator[Place]:
    """Yield where INSERTs have a value."""
    ran = [run.path for run in facts.rehearsal.sql] if facts.rehearsal is not None else []
    for path in dict.fromkeys(ran):
        source = facts.project.find(path) if facts.project is not None else None
        for insert in filter(None, map(insert_of, statements(source.text))) if source is not None else ():
            for row in insert.rows:
                yield from (Place(path=path, line=each.line) for each in row.values if each.string == value)


def _line_of_value(failed: Failed) -> Place:
    quoted = re.search(r'"(.*)"\Z', failed.error.message)
    tokens = failed.statement.tokens if failed.statement is not None else ()
    line = next((token.line for token in tokens if quoted and token.string == quoted.group(1)), None)
    return failed.place(line) if line is not None else failed.error.place
