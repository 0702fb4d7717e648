"""How code hands a query its parameters."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.checks.sql.queries import DRIVERS, imported
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.project.source import Source


@check(
    "SQL305",
    example="""
    cur.execute(sql, *params)     # takes at most 2 positional arguments (5 given)
    """,
)
def parameters_are_one_argument(facts: Facts) -> Iterator[Problem]:
    """The parameters of a query are handed over as one list.

    Take the star away: `cur.execute(sql, params)`; put a list around several: `cur.execute(sql, [name, email])`.
    """
    for source in facts.project.sources.values() if facts.project is not None else ():
        if "execute" not in source.text or not imported(source) & DRIVERS:
            continue
        handed_on = {node.vararg.arg for node in source.nodes if isinstance(node, ast.arguments) and node.vararg}
        cursors = set(_cursors(source))
        for node in source.nodes:
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="execute" | "executemany"),
                    args=[_, ast.Starred(value=ast.Name(id=name))],
                    keywords=[],
                ) if name not in handed_on:
                    yield _problem(source, node.lineno, ())
                case ast.Call(
                    func=ast.Attribute(attr="execute", value=ast.Name(id=name)), args=[_, *given], keywords=[]
                ) if len(given) > 1 and name in cursors and not any(isinstance(each, ast.Starred) for each in given):
                    yield _problem(source, node.lineno, _with_a_list(source, given))


def _problem(source: Source, line: int, edits: tuple[Edit, ...]) -> Problem:
    place = Place(path=source.path, line=line)
    return Problem(
        cause=f"{place} hands each parameter over by itself, and execute() takes all of them as one list",
        evidence=(Evidence(text=line_at(source, line).strip(), place=place),),
        place=place,
        advice=f"Write `{edits[0].new.strip()}`." if edits else "",
        edits=edits,
    )


def _cursors(source: Source) -> Iterator[str]:
    """Yield the names of what a driver's connect() and cursor() made: their execute() is the driver's own."""
    for node in source.nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=made):
                pass
            case ast.withitem(context_expr=made, optional_vars=ast.Name(id=name)):
                pass
            case _:
                continue
        match made:
            case ast.Call(func=ast.Attribute(attr="cursor" | "connect" | "connection")):
                yield name


def _with_a_list(source: Source, given: list[ast.expr]) -> tuple[Edit, ...]:
    """Return the edit that puts a list around parameters of one line."""
    first, last = given[0], given[-1]
    if first.lineno != last.end_lineno or last.end_col_offset is None:
        return ()
    raw = line_at(source, first.lineno).encode()
    begin, end = first.col_offset, last.end_col_offset
    new = raw[:begin] + b"[" + raw[begin:end] + b"]" + raw[end:]
    return (replace_line(source, first.lineno, new.decode()),)
