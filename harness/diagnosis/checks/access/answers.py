"""What the functions of the table's library hand back."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.project.place import Place
from harness.project.table.functions import called_names, table_functions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.diagnosis.facts import Facts
    from harness.project.python.scopes import Function
    from harness.project.source import Source

_ASKS = frozenset({"Query", "Scan"})
#: Functions that are called for what they answer, by their names.
_ANSWERS = re.compile(
    r"_?(list|get|fetch|query|find|read|load)_?(?=.*(message|conversation|group|chat|dm))", re.IGNORECASE
)


@check(
    "ACC120",
    example="""
    def list_messages(client, message_group_uuid):
        …
        results = [{'uuid': item['message_uuid']['S']} for item in items]      # and no return
    """,
)
def lists_are_returned(facts: Facts) -> Iterator[Problem]:
    """A function that lists messages or groups returns what it found.

    End the function with `return` and the list: without it the function answers None, and the page stays empty.
    """
    for source in facts.project.with_role("table-library") if facts.project is not None else ():
        for function in table_functions(source):
            if _ANSWERS.match(function.name) and function.operations & _ASKS and not _hands_on(function.node):
                yield Problem(
                    cause=f"{function.name} asks the table in {function.requests[0].place} and returns nothing: who calls "
                    "it gets None",
                    place=function.place,
                    evidence=(Evidence(text=code_line(source, function.place.line), place=function.place),),
                )
    yield from _services(facts)


def _services(facts: Facts) -> Iterator[Problem]:
    """Yield the methods of the application that ask the library for a list, return nothing, and are asked for it."""
    sources = facts.project.with_role("application") if facts.project is not None else ()
    libraries = facts.project.with_role("table-library") if facts.project is not None else ()
    lists = {each.name for library in libraries for each in table_functions(library) if _ANSWERS.match(each.name)}
    for source in sources:
        for owner in (node for node in source.nodes if isinstance(node, ast.ClassDef)):
            for method in (node for node in owner.body if isinstance(node, ast.FunctionDef)):
                asked = sorted(called_names(method) & lists)
                use = _use_of(owner.name, method.name, sources) if asked and not _hands_on(method) else None
                if use is not None:
                    place = Place(path=source.path, line=method.lineno)
                    yield Problem(
                        cause=f"{owner.name}.{method.name} calls {asked[0]} and returns nothing, and {use} goes on with what "
                        "it answers: None",
                        place=place,
                        evidence=(Evidence(text=code_line(source, place.line), place=place),),
                    )


def _use_of(owner: str, method: str, sources: Sequence[Source]) -> Place | None:
    """Return where the application does something with what a method answers."""
    for source in sources:
        for node in source.nodes:
            match node:
                case ast.Assign(value=call) | ast.Return(value=call) | ast.Subscript(value=call):
                    pass
                case _:
                    continue
            match call:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if (name, attr) == (
                    owner,
                    method,
                ):
                    return Place(path=source.path, line=node.lineno)
    return None


def _hands_on(function: Function) -> bool:
    """Whether it returns or yields something, or fills what it was given or what belongs to an object."""
    given = {each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    for node in ast.walk(function):
        match node:
            case ast.Return(value=ast.expr()) | ast.Yield() | ast.YieldFrom() | ast.Global() | ast.Nonlocal():
                return True
            case ast.Call(func=ast.Attribute(attr="append" | "extend" | "update", value=ast.Name(id=name))) if (
                name in given
            ):
                return True
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store(), value=ast.Name()) if _of(node, given):
                return True
    return False


def _of(node: ast.Attribute | ast.Subscript, given: set[str]) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in given
