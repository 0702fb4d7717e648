"""Every user that a script asks for is in Postgres."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.seed_runs import puts
from harness.project.handles import Asked, handles_asked, places_of, renamed
from harness.project.place import Place
from harness.project.sql_tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.held import Relation
    from harness.project.roles import Role
    from harness.project.source import Project, Source

_ASKING: tuple[Role, ...] = ("table-seed", "pattern-messages", "pattern-groups")
_WRITTEN: tuple[Role, ...] = ("sql-seed", "sql-query", *_ASKING, "users-tool")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_NEAR = 0.75


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
    users = _readable_users(facts)
    if facts.project is None or users is None:
        return
    asked, known = _asked(facts), _handles(users)
    if not known:
        yield from _nobody(facts, asked)
        return
    free = frozenset((known | _promised(facts)) - asked.keys())
    for handle, places in missing_handles(facts).items():
        yield _Missing(facts.project, users, handle, places, free).problem(facts)


def missing_handles(facts: Facts) -> dict[str, tuple[Asked, ...]]:
    """Return the handles that scripts ask for and no user has, each with where it is asked for."""
    users = _readable_users(facts)
    if users is None:
        return {}
    asked = _asked(facts)
    missing = asked.keys() - _handles(users) - _promised(facts)
    return {handle: tuple(asked[handle]) for handle in sorted(missing, key=lambda name: asked[name][0].place)}


def _readable_users(facts: Facts) -> Relation | None:
    users = facts.held.users
    if users is None or users.count > len(users.rows):
        return None
    return users if any(column.name == "handle" for column in users.columns) else None


def _handles(users: Relation) -> set[str]:
    return {str(row.get("handle")) for row in users.rows if row.get("handle") is not None}


def _asked(facts: Facts) -> dict[str, list[Asked]]:
    asked: dict[str, list[Asked]] = defaultdict(list)
    for source in facts.project.with_role(*_ASKING) if facts.project else ():
        if not _found_whom_it_asked_for(facts, source):
            for each in handles_asked(source):
                asked[each.handle].append(each)
    return asked


def _found_whom_it_asked_for(facts: Facts, source: Source) -> bool:
    """Tell whether a script worked: a handle that it names all the same is of no use to it."""
    for run in facts.rehearsal.script_runs(source.path)[:1] if facts.rehearsal else ():
        wrote = any(put.entry for put in puts(run))
        read = any(call.operation == "Query" and call.answer.get("Count") for call in run.calls)
        return run.ok and (wrote or read)
    return False


def _promised(facts: Facts) -> set[str]:
    """Return what failing SQL would have written: its absence is the business of the SQL checks."""
    errors = [error for run in facts.rehearsal.sql for error in run.errors] if facts.rehearsal else []
    found = {literal for error in errors for literal in _QUOTED.findall(error.statement)}
    if errors and facts.project:
        for source in facts.project.with_role("sql-seed"):
            found |= {token.string for token in tokens(source.text) if token.string is not None}
    return found


def _nobody(facts: Facts, asked: dict[str, list[Asked]]) -> Iterator[Problem]:
    if not asked or (facts.rehearsal and any(run.errors or run.exit_code for run in facts.rehearsal.sql)):
        return
    first = min((each for some in asked.values() for each in some), key=lambda each: each.place)
    yield Problem(
        cause=f"{first.place.path} asks for {_list(asked)}, and the table of users in Postgres has no row",
        place=first.place,
        evidence=tuple(Evidence(text=each.handle, place=each.place) for some in asked.values() for each in some),
        advice="Insert the users into Postgres (db/seed.sql) before this script runs.",
    )


@dataclass(frozen=True, slots=True)
class _Missing:
    """A handle that no user has, and which user may be meant."""

    project: Project
    users: Relation
    handle: str
    asked: tuple[Asked, ...]
    #: Handles of users whom nobody asks for by their right name.
    free: frozenset[str]

    def problem(self, facts: Facts) -> Problem:
        near, how = self._nearest()
        column = self._other_column()
        edits = self._edits(near) if near is not None and column is None else ()
        return Problem(
            cause=self._cause(near, how, column),
            place=Place(path=edits[0].path, line=edits[0].first) if edits else self.asked[0].place,
            evidence=(*self._places(near), *_tracebacks(facts, self.asked)),
            advice=self._advice(near, column, edits),
            edits=edits,
        )

    def _nearest(self) -> tuple[str | None, str]:
        bare = _bare(self.handle)
        same = [name for name in self.free if _bare(name) == bare]
        if len(same) == 1:
            return same[0], _difference(self.handle, same[0])
        close = get_close_matches(self.handle, sorted(self.free), n=2, cutoff=_NEAR)
        return (close[0], "the nearest") if len(close) == 1 else (None, "")

    def _other_column(self) -> str | None:
        """Return the column of users that the handle did get into."""
        for name in (column.name for column in self.users.columns if column.name != "handle"):
            if any(str(row.get(name)) == self.handle for row in self.users.rows):
                return name
        return None

    def _cause(self, near: str | None, how: str, column: str | None) -> str:
        first = self.asked[0].place
        asks = f"{first.path} asks for the handle {self.handle!r} in line {first.line}"
        if column is not None and near is None:
            return f"{asks}; users holds it in the column {column}, so its columns and values are in different orders"
        if near is None:
            return (
                f"{asks}, and users has {_list(sorted(row['handle'] for row in self.users.rows if row.get('handle')))}"
            )
        written = self._written(near)
        holder = str(written[0]) if written else "users"
        return f"{asks}, and {holder} has {near!r} ({how})"

    def _written(self, handle: str, roles: tuple[Role, ...] = ("sql-seed",)) -> list[Place]:
        sources = self.project.with_role(*roles)
        return [Place(path=source.path, line=line) for source in sources for line in places_of(source.text, handle)]

    def _places(self, near: str | None) -> Iterator[Evidence]:
        seen = {each.place for each in self.asked}
        places = [each.place for each in self.asked]
        for handle in (self.handle, near):
            places += [p for p in self._written(handle, _WRITTEN) if p not in seen] if handle is not None else []
        for place in dict.fromkeys(places):
            yield Evidence(text=line_at(self.project.sources[place.path], place.line).strip(), place=place)

    def _edits(self, near: str) -> tuple[Edit, ...]:
        """Bring the minority round: db/seed.sql where several scripts agree against it, or where it has a stray blank."""
        files = {each.place.path for each in self.asked}
        in_sql = self._written(near)
        elsewhere = {place.path for place in self._written(near, _WRITTEN)} - {place.path for place in in_sql}
        sql_is_odd = near != near.strip() or (len(files) > 1 and not elsewhere)
        if in_sql and sql_is_odd and self.handle == self.handle.strip():
            return tuple(self._edit(place, near, self.handle) for place in in_sql)
        return tuple(self._edit(place, self.handle, near) for place in dict.fromkeys(a.place for a in self.asked))

    def _edit(self, place: Place, old: str, new: str) -> Edit:
        source = self.project.sources[place.path]
        return replace_line(source, place.line, renamed(line_at(source, place.line), old, new))

    def _advice(self, near: str | None, column: str | None, edits: tuple[Edit, ...]) -> str:
        cognito = "and let the Cognito user have the same name"
        if edits:
            lines = ", ".join(f"{edit.path}:{edit.first}" for edit in edits)
            old, new = (self.handle, near) if edits[0].path == self.asked[0].place.path else (near, self.handle)
            return f"Change {old!r} to {new!r} in {lines}, {cognito}."
        if column is not None:
            return "Put the values of the INSERT into users in the order of its columns."
        lines = ", ".join(str(each.place) for each in self.asked)
        return f"Insert a user with the handle {self.handle!r}, or ask for one that there is in {lines}, {cognito}."


def _tracebacks(facts: Facts, asked: Iterable[Asked]) -> Iterator[Evidence]:
    paths = {each.place.path for each in asked}
    for run in facts.rehearsal.scripts if facts.rehearsal else ():
        if run.path in paths and run.pass_ == 1 and run.traceback is not None:
            at = run.traceback.at
            yield Evidence(
                text=f"{run.command}: {run.traceback.kind}: {run.traceback.message}", place=at.place if at else None
            )


def _bare(handle: str) -> str:
    return handle.strip().lstrip("@").casefold()


def _difference(one: str, other: str) -> str:
    if one.strip() == other.strip():
        return "with a blank that is not seen"
    if one.strip().casefold() == other.strip().casefold():
        return "differs in letter case"
    return "without the @" if "@" in one else "with an @"


def _list(handles: Iterable[str]) -> str:
    return ", ".join(repr(str(handle)) for handle in handles)
