"""Every user that a script asks for is in Postgres."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.diagnosis.alike_handles import Likely, difference
from harness.diagnosis.asked_handles import (
    ASKING,
    asked_handles,
    handles_of,
    missing_handles,
    promised,
    readable_users,
)
from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.project.place import Place
from harness.project.seed.quoted_words import lines_quoting, renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.held import Relation
    from harness.project.roles import Role
    from harness.project.seed.handles import Asked
    from harness.project.source import Project

_WRITTEN: tuple[Role, ...] = ("sql-seed", "sql-query", *ASKING, "users-tool")
_MOST_LISTED = 8
#: Among the texts that failing SQL has; names and addresses are not what a handle is a slip of.
_LIKE_A_HANDLE = re.compile(r"@?[^\s@]+")


@check(
    "SEED101",
    example="""
    db/seed.sql:   ('Bayko', 'bayko@example.com', 'Bayko', 'MOCK')
    bin/ddb/seed:  users = db.query_array_json(sql, {'my_handle': 'andrewbrown', 'other_handle': 'bayko'})
    TypeError: 'NoneType' object is not subscriptable
    """,
)
def handles_are_users(facts: Facts) -> Iterator[Problem]:
    """Every handle that a script asks for is the handle of a user in Postgres.

    Write the user's handle alike in all places: db/seed.sql, the seed of the table, the scripts that list
    conversations, and the user pool of Cognito.
    """
    users = readable_users(facts)
    if facts.project is None or users is None:
        return
    asked, known = asked_handles(facts), handles_of(users)
    if not known:
        yield from _nobody(facts, [each for some in asked.values() for each in some])
        return
    lost = {text for text in promised(facts) if _LIKE_A_HANDLE.fullmatch(text.strip())}
    likely = Likely(known=known | lost, asked=frozenset(asked))
    for handle, places in missing_handles(facts).items():
        yield _Missing(facts.project, users, handle, places, likely).problem(facts)


def _nobody(facts: Facts, asked: list[Asked]) -> Iterator[Problem]:
    """Yield that users is empty, where no failing SQL says why."""
    if not asked or (facts.rehearsal and any(run.errors or run.exit_code for run in facts.rehearsal.sql)):
        return
    first = min(asked, key=lambda each: each.place)
    names = _list(dict.fromkeys(each.handle for each in asked))
    yield Problem(
        cause=f"{first.place.path} asks for {names}, and the table of users in Postgres has no row",
        place=first.place,
        evidence=tuple(Evidence(text=each.handle, place=each.place) for each in asked[:_MOST_LISTED]),
        advice="Insert the users into Postgres (db/seed.sql) before this script runs.",
    )


@dataclass(frozen=True, slots=True)
class _Missing:
    """A handle that no user has, and which user may be meant."""

    project: Project
    users: Relation
    handle: str
    asked: tuple[Asked, ...]
    likely: Likely

    def problem(self, facts: Facts) -> Problem:
        same = self.likely.same(self.handle)
        column = self._other_column() if same is None else None
        near = same if same is not None or column is not None else self.likely.near(self.handle)
        edits = self._edits(near) if near is not None else ()
        return Problem(
            cause=self._cause(near, column),
            place=Place(path=edits[0].path, line=edits[0].first) if edits else self.asked[0].place,
            evidence=(*self._lines(near), *_tracebacks(facts, self.asked)),
            advice=self._advice(near, column, edits),
            edits=edits,
        )

    def _other_column(self) -> str | None:
        """Return the column of users that the handle did get into."""
        for name in (column.name for column in self.users.columns if column.name != "handle"):
            if any(str(row.get(name)) == self.handle for row in self.users.rows):
                return name
        return None

    def _cause(self, near: str | None, column: str | None) -> str:
        first = self.asked[0].place
        asks = f"{first.path} asks for the handle {self.handle!r} in line {first.line}"
        if near is not None:
            holder = next(iter(self._written(near)), "users")
            return f"{asks}, and {holder} has {near!r} ({difference(self.handle, near)})"
        if column is not None:
            return f"{asks}; users holds it in the column {column}, so its columns and values are in different orders"
        return f"{asks}, and users has {_list(sorted(handles_of(self.users)))}"

    def _written(self, handle: str, roles: tuple[Role, ...] = ("sql-seed",)) -> list[Place]:
        sources = self.project.with_role(*roles)
        return [Place(path=source.path, line=line) for source in sources for line in lines_quoting(source, handle)]

    def _lines(self, near: str | None) -> Iterator[Evidence]:
        """Yield the lines of both sides: those that ask first."""
        places = [each.place for each in self.asked]
        for handle in (self.handle, near):
            places += self._written(handle, _WRITTEN) if handle is not None else []
        for place in list(dict.fromkeys(places))[:_MOST_LISTED]:
            yield Evidence(text=line_at(self.project.sources[place.path], place.line).strip(), place=place)

    def _edits(self, near: str) -> tuple[Edit, ...]:
        """Bring the minority round: db/seed.sql where several scripts agree against it, or where it has a stray blank."""
        files = {each.place.path for each in self.asked}
        in_sql = self._written(near)
        elsewhere = {place.path for place in self._written(near, _WRITTEN)} - {place.path for place in in_sql}
        sql_is_odd = near != near.strip() or (len(files) > 1 and not elsewhere)
        if in_sql and sql_is_odd and self.handle == self.handle.strip():
            return tuple(self._edit(place, near, self.handle) for place in in_sql)
        places = {each.place for each in self.asked}
        # Where a script looks the user up by name it speaks of the same user elsewhere.
        places |= {place for place in self._written(self.handle, ASKING) if place.path in files}
        return tuple(self._edit(place, self.handle, near) for place in sorted(places))

    def _edit(self, place: Place, old: str, new: str) -> Edit:
        """Return the line with another handle; unsafe where a row has the old one twice: one of them may be a name."""
        source = self.project.sources[place.path]
        line = line_at(source, place.line)
        changed = renamed(line, old, new)
        safe = source.language == "python" or changed == renamed(line, old, new, count=1)
        return replace_line(source, place.line, changed, safe=safe)

    def _advice(self, near: str | None, column: str | None, edits: tuple[Edit, ...]) -> str:
        cognito = "and let the Cognito user have the same name"
        if edits:
            lines = ", ".join(f"{edit.path}:{edit.first}" for edit in edits)
            in_scripts = edits[0].path in {each.place.path for each in self.asked}
            old, new = (self.handle, near) if in_scripts else (near, self.handle)
            return f"Change {old!r} to {new!r} in {lines}, {cognito}."
        if column is not None:
            return "Put the values of the INSERT into users in the order of its columns."
        lines = ", ".join(str(each.place) for each in self.asked)
        return f"Insert a user with the handle {self.handle!r}, or ask for one that there is in {lines}, {cognito}."


def _tracebacks(facts: Facts, asked: Iterable[Asked]) -> Iterator[Evidence]:
    paths = {each.place.path for each in asked}
    for run in facts.rehearsal.scripts if facts.rehearsal else ():
        if run.path in paths and run.pass_ == 1 and run.traceback is not None and run.only_for != "table-schema":
            at = run.traceback.at
            yield Evidence(
                text=f"{run.command}: {run.traceback.kind}: {run.traceback.message}", place=at.place if at else None
            )


def _list(handles: Iterable[str]) -> str:
    every = [repr(str(handle)) for handle in handles]
    more = f" and {len(every) - _MOST_LISTED} more" if len(every) > _MOST_LISTED else ""
    return ", ".join(every[:_MOST_LISTED]) + more
