"""The schema of Postgres."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.failed_sql import Failed, failed_statements
from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.project.sql.change import Change
from harness.project.sql.relations import all_relations
from harness.project.sql.words import find_words, relation_name, statements, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.place import Place
    from harness.project.sql.text import Statement

#: Relation, object, schema are there already; other objects depend on what is to be dropped.
_NOT_AGAIN = frozenset({"42P07", "42710", "42P06", "2BP01"})
#: What is to be dropped is not there.
_NOT_THERE = ("42P01", "42704", "42883", "3F000")
_NUMBERED = re.compile(r"v?\d+[_.-]+\w")
_INTEGERS = frozenset({"integer", "int", "int4", "int8", "bigint", "smallint", "int2"})


@check(
    "SQL201",
    severity="warning",
    example="""
    CREATE EXTENSION "uuid-ossp";      -- IF NOT EXISTS
    DROP TABLE users;                  -- IF EXISTS
    """,
)
def schema_can_be_repeated(facts: Facts) -> Iterator[Problem]:
    """The schema can be loaded into an empty database, and once more.

    Write CREATE … IF NOT EXISTS, DROP … IF EXISTS … CASCADE, and a DROP before each CREATE TABLE.
    """
    found: dict[str, dict[Place, Problem]] = {}
    for failed in (*_not_there(facts), *_not_again(facts)):
        statement, place = failed.statement, failed.error.place
        if statement is not None and not _is_migration(place.path) and not _follows(facts, failed):
            found.setdefault(place.path, {}).setdefault(place, _unrepeatable(failed, statement))
    for path, problems in found.items():
        yield _merged(path, list(problems.values()))


@check("SQL202", severity="warning", example="reply_to_activity_uuid integer")
def uuids_have_the_type_uuid(facts: Facts) -> Iterator[Problem]:
    """A column that is to hold a uuid has the type UUID.

    Write UUID as its type; a uuid does not fit an integer, and the two can't be compared.
    """
    for relation in all_relations(facts.project).values() if facts.project is not None else ():
        held = facts.rehearsal.first.relations.get(relation.name) if facts.rehearsal is not None else None
        types = {column.name: column.type for column in held.columns} if held is not None else {}
        for column in relation.columns:
            kind = types.get(column.name, column.type)
            if column.name.endswith("uuid") and kind in _INTEGERS and not _made_anew(facts, relation.name, column.name):
                source = facts.project.find(column.place.path) if facts.project is not None else None
                yield Problem(
                    cause=f"{relation.name}.{column.name} is to hold a uuid, and its type is {kind}",
                    evidence=(Evidence(text=source.lines[column.place.line - 1].strip(), place=column.place),)
                    if source is not None
                    else (),
                    place=column.place,
                    advice=f"Write `{column.name} UUID` in {column.place}.",
                    edits=_typed_uuid(source.text, column.place, column.name) if source is not None else (),
                )


def _made_anew(facts: Facts, table: str, column: str) -> bool:
    """Whether a migration adds the column as a UUID: what the schema says of it holds until that has run.

    Only ADD: no cast leads from integer to uuid, so ALTER COLUMN … TYPE uuid fails.
    """
    adds = re.compile(
        rf"\balter\s+table\s+[^;]*?\b{re.escape(table)}\s[^;]*?\badd\s[^;]*?\b{re.escape(column)}\s+uuid\b",
        re.IGNORECASE,
    )
    sources = facts.project.sources.values() if facts.project is not None else ()
    return any(_is_migration(source.path) and adds.search(source.text) for source in sources)


def _is_migration(path: str) -> bool:
    """Whether the file is one of a series that a tool runs once each, such as `0001_users.sql` and `V2__roles.sql`."""
    parts = path.lower().split("/")
    return bool(_NUMBERED.match(parts[-1])) or any(part.startswith("migration") for part in parts[:-1])


def _merged(path: str, problems: list[Problem]) -> Problem:
    """Tell all statements of a file as one problem: it is loaded whole."""
    if len(problems) == 1:
        return problems[0]
    return Problem(
        cause=f"{len(problems)} statements of {path} fail on a second load: "
        + "; ".join(problem.cause for problem in problems),
        evidence=tuple(seen for problem in problems for seen in problem.evidence[:1]),
        place=problems[0].place,
        advice=" ".join(problem.advice for problem in problems),
        edits=tuple(edit for problem in problems for edit in problem.edits),
    )


def _not_there(facts: Facts) -> Iterator[Failed]:
    """Yield the DROPs of the first load that have nothing to drop."""
    for failed in failed_statements(facts, *_NOT_THERE):
        if failed.statement is not None and failed.statement.kind.startswith("DROP"):
            yield failed


def _not_again(facts: Facts) -> Iterator[Failed]:
    """Yield what only fails the second time."""
    if facts.rehearsal is None or facts.project is None:
        return
    before = {(error.place, error.sqlstate) for run in facts.rehearsal.sql if run.pass_ == 1 for error in run.errors}
    for run in facts.rehearsal.sql:
        for error in run.errors if run.pass_ != 1 else ():
            source = facts.project.find(error.place.path)
            if error.sqlstate in _NOT_AGAIN and (error.place, error.sqlstate) not in before and source is not None:
                yield Failed(run=run, error=error, source=source)


def _follows(facts: Facts, failed: Failed) -> bool:
    """Whether a table is only there still because its DROP failed."""
    if failed.error.sqlstate != "42P07" or failed.statement is None:
        return False
    name = _name(failed.statement)
    return any(
        other.error.sqlstate == "2BP01" and other.statement is not None and name in _names(other.statement)
        for other in _not_again(facts)
    )


def _unrepeatable(failed: Failed, statement: Statement) -> Problem:
    drops = statement.kind.startswith("DROP")
    name = _name(statement)
    if drops and failed.error.sqlstate == "2BP01":
        cause, advice = f"{name} can't be dropped while others depend on it", "add CASCADE before the `;`"
        end = statement.tokens[-1 if statement.ended else len(statement.tokens) :]
        at = end[0].start if end else statement.tokens[-1].end
        change: Change | None = Change(start=at, end=at, new=" CASCADE")
    elif drops:
        cause, advice = f"{name} is dropped before it was ever there", f"write {statement.kind} IF EXISTS"
        change = _behind_kind(statement, " IF EXISTS")
    elif statement.kind in {"CREATE TABLE", "CREATE EXTENSION", "CREATE SCHEMA", "CREATE INDEX", "CREATE SEQUENCE"}:
        cause, advice = f"a second load creates {name} again", f"write {statement.kind} IF NOT EXISTS"
        if statement.kind == "CREATE TABLE":
            advice += f", or DROP TABLE IF EXISTS {name} CASCADE; before it, as a change of its columns wants"
        change = _behind_kind(statement, " IF NOT EXISTS")
    else:
        cause, advice, change = f"a second load creates {name} again", "drop it first, with IF EXISTS", None
    place = failed.place(statement.line)
    return Problem(
        cause=f"{cause} ({failed.error.message})",
        evidence=failed.evidence,
        place=place,
        advice=f"In {place}, {advice}.",
        edits=failed.edits(change),
    )


def _behind_kind(statement: Statement, new: str) -> Change | None:
    said = words(statement.tokens)
    at = find_words(statement.tokens, statement.kind.split(" ")[-1])
    if at is None or "EXISTS" in said[:6]:
        return None
    end = statement.tokens[at - 1].end
    return Change(start=end, end=end, new=new)


def _name(statement: Statement) -> str:
    names = _names(statement)
    return names[0] if names else statement.kind


def _names(statement: Statement) -> tuple[str, ...]:
    """Return what a CREATE or DROP names first."""
    at = find_words(statement.tokens, statement.kind.split(" ")[-1])
    skipped = {"IF", "NOT", "EXISTS", "CONCURRENTLY"}
    while at is not None and at < len(statement.tokens) and words(statement.tokens[at : at + 1])[0] in skipped:
        at += 1
    found: list[str] = []
    while at is not None and at < len(statement.tokens):
        name, behind = relation_name(statement.tokens, at)
        found.append(name)
        at = behind + 1 if words(statement.tokens[behind : behind + 1]) == (",",) else None
    return tuple(name for name in found if name)


def _typed_uuid(text: str, place: Place, name: str) -> tuple[Edit, ...]:
    for statement in statements(text):
        tokens = statement.tokens
        for token, after in pairwise(tokens):
            if token.line == place.line and token.name == name and after.text.lower() in _INTEGERS:
                first, last, new = Change(start=after.start, end=after.end, new="UUID").lines(text)
                return (Edit(path=place.path, first=first, last=last, new=new),)
    return ()
