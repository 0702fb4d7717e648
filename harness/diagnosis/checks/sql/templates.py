"""The application's queries that stand in files of their own."""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.project.place import Place
from harness.project.python.query_calls import asked_queries, loaded_queries
from harness.project.sql.change import Change
from harness.project.sql.words import statements, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source

#: As psycopg finds them, in comments too.
_PARAMETER = re.compile(r"(?<!%)(?:%%)*%\((\w+)\)[sbt]")
#: What can't stand behind a comma: reserved words, and ends.
_NOT_NEXT = frozenset({")", ";", "FROM", "WHERE", "ORDER", "GROUP", "HAVING", "LIMIT"})


@check(
    "SQL306",
    example="""
    -- db/sql/users/show.sql:   WHERE users.handle = %(user_handle)s
    db.query_object(db.template('users', 'show'), {'handle': handle})
    """,
)
def queries_get_their_parameters(facts: Facts) -> Iterator[Problem]:
    """A query is handed every parameter that it names.

    Write the same name in both places; psycopg refuses a query that lacks one.
    """
    told = set()
    for asked in asked_queries(facts.project) if facts.project is not None else ():
        named = {found[1]: found.start() for found in _PARAMETER.finditer(asked.file.text)}
        missing = sorted(named.keys() - asked.given)
        if not missing or (asked.file.path, *missing) in told:
            continue
        told.add((asked.file.path, *missing))
        place = Place(path=asked.file.path, line=asked.file.text.count("\n", 0, named[missing[0]]) + 1)
        yield Problem(
            cause=f"{asked.file.path} asks for {_listed(missing)}, and {asked.place} hands over "
            f"{_listed(sorted(asked.given)) or 'nothing'}: query parameter missing: {', '.join(missing)}",
            evidence=(
                Evidence(text=line_at(asked.file, place.line).strip(), place=place),
                *_line(facts, asked.place),
            ),
            place=asked.place,
        )


@check("SQL307", example="db.template('users', 'uuid_form_handle')      # No such file or directory")
def loaded_queries_are_there(facts: Facts) -> Iterator[Problem]:
    """The file of a query that the code loads is there.

    Write the name of the file, letter for letter, or add the file.
    """
    if facts.project is None:
        return
    loaded = list(loaded_queries(facts.project))
    found = {each.file.path.removesuffix(each.ending) for each in loaded if each.file is not None}
    missing = {each.ending: each for each in reversed(loaded) if each.file is None}
    for each in missing.values():
        folders = found or {_above(source.path, each.ending) for source in facts.project.with_role("sql-query")}
        if len(folders) != 1:  # they are somewhere that this doesn't know
            continue
        path = min(folders) + each.ending
        near = get_close_matches(
            path, [source.path for source in facts.project.with_role("sql-query")], n=1, cutoff=0.92
        )
        yield Problem(
            cause=f"{each.place} loads {path}, which is not there" + (f"; {near[0]} is" if near else ""),
            evidence=_line(facts, each.place),
            place=each.place,
        )


@check(
    "SQL308",
    example="""
    SELECT users.uuid, users.handle,
    FROM users
    """,
)
def no_list_ends_with_a_comma(facts: Facts) -> Iterator[Problem]:
    """No list in a query of the application ends with a comma.

    Take the comma away: behind it PostgreSQL expects one more.
    """
    for source in facts.project.with_role("sql-query") if facts.project is not None else ():
        for statement in statements(source.text):
            for token, after in pairwise((*statement.tokens, None)):
                if token is None or word(token) != "," or (after is not None and word(after) not in _NOT_NEXT):
                    continue
                place = Place(path=source.path, line=token.line)
                behind = f"{after.text!r}" if after is not None else "the end of the query"
                yield Problem(
                    cause=f"{place} has a comma before {behind}: syntax error",
                    evidence=(Evidence(text=line_at(source, token.line).strip(), place=place),),
                    place=place,
                    edits=(_without(source, token.start, token.end),),
                )


def loads_a_spoilt_query(facts: Facts, path: str) -> bool:
    """Whether the script at `path` asks with a query that one of these checks tells of."""
    if facts.project is None:
        return False
    checks = (queries_get_their_parameters, loaded_queries_are_there, no_list_ends_with_a_comma)
    told = {
        seen.place.path for each in checks for problem in each.look(facts) for seen in problem.evidence if seen.place
    }
    loaded = [each for each in loaded_queries(facts.project) if each.place.path == path]
    return path in told or any(each.file is not None and each.file.path in told for each in loaded)


def _above(path: str, ending: str) -> str:
    """Return the folder that is as far above a query as its folder is above another one's ending."""
    return path.removesuffix("/".join(path.split("/")[-ending.count("/") - 1 :]))


def _without(source: Source, start: int, end: int) -> Edit:
    first, last, new = Change(start=start, end=end, new="").lines(source.text)
    return Edit(path=source.path, first=first, last=last, new=new)


def _line(facts: Facts, place: Place) -> tuple[Evidence, ...]:
    source = facts.project.find(place.path) if facts.project is not None else None
    return (Evidence(text=line_at(source, place.line).strip(), place=place),) if source is not None else ()


def _listed(names: Iterable[str]) -> str:
    *first, last = (*names, "")[:-1] or ("",)
    return f"{', '.join(first)} and {last}" if first else last
