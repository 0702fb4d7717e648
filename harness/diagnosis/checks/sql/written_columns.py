"""The columns that the application's own statements write."""

from __future__ import annotations

import re
from collections import defaultdict
from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.project.place import Place
from harness.project.sql.relations import written_relations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Project, Source

_INSERT = re.compile(
    r"\bINSERT\s+INTO\s+(?:public\.)?(?P<table>\w+)\s*\((?P<columns>[\w\s,]+)\)\s*(?:VALUES|SELECT)\b", re.IGNORECASE
)
_UPDATE = re.compile(r"\bUPDATE\s+(?:public\.)?(?P<table>\w+)\s+SET\s+(?P<columns>\w+)\s*=", re.IGNORECASE)
#: Migrations are written in any language, and run at any time.
_MIGRATED = re.compile(
    r"\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?\"?(?P<added>\w+)|\bRENAME\s+(?:COLUMN\s+)?\w+\s+TO\s+(?P<renamed>\w+)",
    re.IGNORECASE,
)
_MOST = 6


@check(
    "SQL309",
    example="""
    -- db/schema.sql:          cognito_user_uuid text
    # aws/lambdas/post.py:     INSERT INTO users (handle, cognito_user_id) VALUES (%s, %s)
    """,
)
def written_columns_are_there(facts: Facts) -> Iterator[Problem]:
    """Every column that the application or a Lambda function writes is one that the schema has.

    Write the column's name as it stands in the schema: PostgreSQL refuses the whole statement for one that is not there.
    """
    if facts.project is None:
        return
    known = _columns(facts.project)
    found: dict[tuple[str, str], list[tuple[Source, Place]]] = defaultdict(list)
    for path, source in sorted(facts.project.sources.items()):
        if source.roles and (source.language == "python" or "sql-query" in source.roles):
            for table, column, line in _written(source):
                if column not in known.get(table, {column}):
                    found[table, column].append((source, Place(path=path, line=line)))
    for (table, column), places in found.items():
        yield _problem(table, column, sorted(known[table]), places)


def _problem(table: str, column: str, columns: list[str], found: list[tuple[Source, Place]]) -> Problem:
    near = next(iter(get_close_matches(column, columns, n=1, cutoff=0.7)), None)
    where = " and ".join(str(place) for _, place in found[:_MOST])
    return Problem(
        cause=f"{where} write{'s' if len(found) == 1 else ''} {column!r} into {table}, which has "
        f"{f'{near!r}' if near else 'no such column'}: the whole statement is refused",
        place=found[0][1],
        evidence=tuple(
            Evidence(text=line_at(source, place.line or 1).strip(), place=place) for source, place in found[:_MOST]
        ),
        advice=f"Write {near!r} in place of {column!r}, here or in the schema." if near else "",
    )


def _columns(project: Project) -> dict[str, set[str]]:
    """Return the columns of each table, in all of the project's files and after any of its migrations."""
    found: dict[str, set[str]] = defaultdict(set)
    for source in project.sources.values():
        for relation in written_relations(source) if source.language == "sql" else ():
            found[relation.name] |= {column.name for column in relation.columns}
    migrated = {
        name.lower()
        for source in project.sources.values()
        for each in _MIGRATED.finditer(source.text)
        for name in each.groups()
        if name
    }
    return {table: columns | migrated for table, columns in found.items() if columns}


def _written(source: Source) -> Iterator[tuple[str, str, int]]:
    """Yield table, column and line of what statements write; names without quotes are in lower case for PostgreSQL."""
    comment = "#" if source.language == "python" else "--"
    for found in (*_INSERT.finditer(source.text), *_UPDATE.finditer(source.text)):
        at = found.start("columns")
        for part in found["columns"].split(","):
            line = source.text.count("\n", 0, at + len(part) - len(part.lstrip())) + 1
            if part.strip().isidentifier() and not line_at(source, line).lstrip().startswith(comment):
                yield found["table"].lower(), part.strip().lower(), line
            at += len(part) + 1
