"""The seed writes to the table that the schema makes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.checks.access.names import wrong_names
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.seed_runs import refused_writes, seed_runs
from harness.project.place import Place
from harness.project.seed.quoted_words import lines_quoting, renamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.rehearsal.results import AwsCall


@check(
    "SEED107",
    example="""
    bin/ddb/schema-load:  TableName='cruddur-messages'
    bin/ddb/seed:         TableName='cruddur-message'     ResourceNotFoundException
    """,
)
def seed_names_the_table(facts: Facts) -> Iterator[Problem]:
    """The seed writes to a table that is there.

    Give the table one name in all scripts.
    """
    tables = sorted(facts.rehearsal.first.tables) if facts.rehearsal else []
    # Where all others name the table as the seed does, it is the schema that has another name, which ACC115 tells.
    meant = {each.name for each in wrong_names(facts) if each.everywhere and not each.only_in_seeds}
    for run in seed_runs(facts) if tables else ():
        lost = [call for call in refused_writes(run) if call.error == "ResourceNotFoundException"]
        named = {name: call for call in reversed(lost) for name in _tables_of(call)}
        for name, call in named.items():
            if name not in tables and name not in meant:
                yield _of_another_name(facts, run.path, name, call, tables)


def _tables_of(call: AwsCall) -> Iterator[str]:
    """Yield the tables that a write names."""
    parameters = call.parameters
    if isinstance(name := parameters.get("TableName"), str):
        yield name
    if isinstance(requests := parameters.get("RequestItems"), Mapping):
        yield from map(str, requests)
    for action in parameters.get("TransactItems") or ():
        for each in action.values() if isinstance(action, Mapping) else ():
            if isinstance(each, Mapping) and isinstance(name := each.get("TableName"), str):
                yield name


def _of_another_name(facts: Facts, path: str, name: str, call: AwsCall, tables: list[str]) -> Problem:
    place = _literal(facts, path, name)
    return Problem(
        cause=f"{path} writes to the table {name!r}, and there is {', '.join(map(repr, tables))}",
        place=place or call.place or Place(path=path),
        evidence=(Evidence(text=f"{call.operation} on {name}: {call.error}", place=call.place),),
        advice=f"Write {tables[0]!r} there, or let the script that makes the tables make {name!r}.",
        edits=_edits(facts, place, name, tables),
    )


def _literal(facts: Facts, path: str, name: str) -> Place | None:
    source = facts.project.find(path) if facts.project else None
    for node in ast.walk(source.tree) if source is not None and source.tree else ():
        if isinstance(node, ast.Constant) and node.value == name:
            return Place(path=path, line=node.lineno)
    return None


def _edits(facts: Facts, place: Place | None, name: str, tables: list[str]) -> tuple[Edit, ...]:
    """Rename it in the seed, where there is one table and nothing else in the project knows the seed's name."""
    if facts.project is None or place is None or len(tables) > 1:
        return ()
    saying = [path for path, source in facts.project.sources.items() if lines_quoting(source, name)]
    if saying != [place.path]:
        return ()
    source = facts.project.sources[place.path]
    lines = lines_quoting(source, name)
    return tuple(replace_line(source, line, renamed(line_at(source, line), name, tables[0])) for line in lines)
