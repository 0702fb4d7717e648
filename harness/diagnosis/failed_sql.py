"""The statements that failed when a project's SQL was loaded for the first time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.diagnosis.finding import Edit, Evidence
from harness.project.place import Place
from harness.project.sql.slips.spot import STARTS
from harness.project.sql.text import insert_of
from harness.project.sql.words import statements, word, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.project.sql.change import Change
    from harness.project.sql.text import Insert, Statement
    from harness.rehearsal.results import SqlError, SqlRun

_LONGEST = 200
#: psql's exit code for it (PostgreSQL manual, psql, "Exit Status").
_STOPPED = 3
#: CREATE TEMP TABLE IF NOT EXISTS public.users
_HEAD = 9
_NAMELESS = (("TABLE", "PUBLIC", ".", "("),)
_NEVER_CREATES = frozenset({"INSERT", "SELECT", "DROP", "UPDATE", "DELETE", "TRUNCATE", "("})


@dataclass(frozen=True, kw_only=True)
class Failed:
    """One error of the first load, with the file that it is about."""

    run: SqlRun
    error: SqlError
    source: Source | None

    @property
    def path(self) -> str:
        """The file that the statement stands in."""
        return self.error.place.path

    @property
    def statement(self) -> Statement | None:
        """The statement, with the lines that it has in the file."""
        line = self.error.place.line
        text = self.source.text if self.source is not None else ""
        found = next((each for each in statements(text) if each.last_line >= line), None)
        if found is not None and found.line <= line:
            return found
        return next(iter(statements(self.error.statement)), None)

    @property
    def insert(self) -> Insert | None:
        """The statement, where it is an INSERT."""
        return insert_of(self.statement) if self.statement is not None else None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What psql printed, and what the caller got to see of it."""
        message = f"{self.error.severity}: {self.error.message}"
        if self.error.detail:
            message += f"; {self.error.detail}"
        seen = [Evidence(text=_cut(message), place=self.error.at or self.error.place)]
        if self.run.exit_code == 0:
            seen.append(
                Evidence(
                    text=f"{self.run.command}: goes on after the error, exit code 0 (psql -v ON_ERROR_STOP=1 stops)"
                )
            )
        return tuple(seen)

    def place(self, line: int) -> Place:
        """Return a line of its file."""
        return Place(path=self.path, line=line)

    def edits(self, change: Change | None) -> tuple[Edit, ...]:
        """Return a change to its file as edits of lines."""
        if change is None or self.source is None:
            return ()
        first, last, new = change.lines(self.source.text)
        return (Edit(path=self.path, first=first, last=last, new=new),)


def failed_statements(facts: Facts, *states: str) -> tuple[Failed, ...]:
    """Return the errors of the first load, those with one of the SQLSTATEs where some are given; each one once."""
    return tuple(each for each in _first_load(facts) if not states or each.error.sqlstate in states)


def failed_texts(facts: Facts, *, but: Failed) -> tuple[str, ...]:
    """Return all the other statements that failed."""
    return tuple(each.error.statement for each in _first_load(facts) if each.error is not but.error)


def failed_to_create(facts: Facts, relation: str) -> bool:
    """Whether the statement that was to create a table failed, was swallowed by one that did, or never had its turn."""
    begin = re.compile(rf"create\s+(?:\w+\s+)*table\b[^;(]*\b{re.escape(relation)}\b", re.IGNORECASE)
    return any(
        begin.search(f"{each.error.statement}\n{_never_run(each)}") or _may_create(each, relation)
        for each in _first_load(facts)
    )


def _never_run(failed: Failed) -> str:
    """Return what stands behind a statement at which psql stopped, told to by ON_ERROR_STOP."""
    if failed.run.exit_code != _STOPPED or failed.source is None:
        return ""
    return "\n".join(failed.source.lines[failed.error.place.line :])


def _may_create(failed: Failed, relation: str) -> bool:
    """Whether a statement that can't be read begins like one that creates the table, or nearly so."""
    tokens = failed.statement.tokens[:_HEAD] if failed.statement is not None else ()
    if failed.error.sqlstate != "42601" or not tokens or word(tokens[0]) in _NEVER_CREATES:
        return False
    # Columns without a beginning, or a table without a name.
    if word(tokens[0]) not in STARTS or words(tokens)[1:5] in _NAMELESS:
        return failed.source is not None and "sql-schema" in failed.source.roles
    return bool(get_close_matches(relation, [token.name or "" for token in tokens], n=1, cutoff=0.8))


def _first_load(facts: Facts) -> Iterator[Failed]:
    if facts.rehearsal is None:
        return
    seen = set()
    for run in facts.rehearsal.sql:
        for error in run.errors if run.pass_ == 1 else ():
            key = (error.place, error.sqlstate, error.message)
            if key not in seen:
                seen.add(key)
                source = facts.project.find(error.place.path) if facts.project is not None else None
                yield Failed(run=run, error=error, source=source)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
