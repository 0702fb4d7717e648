"""SQL that PostgreSQL can't read."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.failed_sql import Failed, failed_statements
from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.project.place import Place
from harness.project.sql.row_lengths import uneven_row
from harness.project.sql.slips.finding import certain_slips, find_slip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.project.sql.slips.spot import Slip

_SYNTAX_ERROR = "42601"


@check(
    "SQL101",
    example="""
    INSERT INTO users (handle) VALUES
      ('ada');
      ('ben');
    """,
)
def statements_can_be_read(facts: Facts) -> Iterator[Problem]:
    """Every statement of schema and seed can be read by PostgreSQL.

    Mend the statement at the place named. psql goes on after an error and exits with 0; with
    `psql -v ON_ERROR_STOP=1` the script stops there.
    """
    failed = failed_statements(facts, _SYNTAX_ERROR)
    for _, some in groupby(sorted(failed, key=lambda each: each.path), key=lambda each: each.path):
        yield from _of_one_file(some)
    for source in _not_run(facts):
        yield from (_seen(source, slip) for slip in certain_slips(source.text))


def _of_one_file(failed: Iterable[Failed]) -> Iterator[Problem]:
    """Yield one problem for each slip; what follows an open quote in the file follows from it."""
    told: set[int] = set()
    for each in failed:
        slip = _slip(each)
        line = slip.line if slip is not None else (each.error.at or each.error.place).line
        if line not in told:
            told.add(line)
            yield _problem(each, slip)
        if slip is not None and slip.spreads:
            return


def _slip(failed: Failed) -> Slip | None:
    if failed.source is None:
        return None
    error, insert = failed.error, failed.insert
    found = find_slip(failed.source.text, error.message, error.place.line, error.at.line if error.at else None)
    return found or (uneven_row(insert) if insert is not None and "at or near" not in error.message else None)


def _problem(failed: Failed, slip: Slip | None) -> Problem:
    if slip is None:
        return Problem(
            cause=f"PostgreSQL can't read this statement ({failed.error.message}); all of it is lost",
            evidence=failed.evidence,
            place=failed.error.at or failed.error.place,
        )
    return Problem(
        cause=f"{slip.cause}; {_lost(failed)}",
        evidence=(*_line(failed.source, slip.line), *failed.evidence),
        place=failed.place(slip.line),
        advice=slip.advice,
        edits=failed.edits(slip.change),
    )


def _lost(failed: Failed) -> str:
    statement, insert = failed.statement, failed.insert
    if insert is not None and insert.rows:
        return f"the whole INSERT into {insert.table} is lost ({failed.error.message})"
    kind = statement.kind if statement is not None else "("
    what = "these rows are" if kind in {"(", ","} else f"the whole {kind} is" if kind.isupper() else "the statement is"
    return f"{what} lost ({failed.error.message})"


def _line(source: Source | None, line: int) -> tuple[Evidence, ...]:
    if source is None or not 0 < line <= len(source.lines):
        return ()
    return (Evidence(text=source.lines[line - 1].strip(), place=Place(path=source.path, line=line)),)


def _not_run(facts: Facts) -> tuple[Source, ...]:
    if facts.project is None:
        return ()
    ran = {run.path for run in facts.rehearsal.sql} if facts.rehearsal is not None else set()
    return tuple(
        each
        for each in facts.project.with_role("sql-schema", "sql-seed")
        if each.language == "sql" and each.path not in ran
    )


def _seen(source: Source, slip: Slip) -> Problem:
    edits: tuple[Edit, ...] = ()
    if slip.change is not None:
        first, last, new = slip.change.lines(source.text)
        edits = (Edit(path=source.path, first=first, last=last, new=new),)
    return Problem(
        cause=slip.cause,
        evidence=_line(source, slip.line),
        place=Place(path=source.path, line=slip.line),
        advice=slip.advice,
        edits=edits,
    )
