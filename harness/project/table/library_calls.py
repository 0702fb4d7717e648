"""Calls of the functions of the table's library, each with the function that it certainly reaches."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.project.python.scopes import Function
    from harness.project.source import Source

#: The path of a library, and what of it is meant: `("Ddb",)`; an empty one is the module itself.
_Target = tuple[str, tuple[str, ...]]
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, kw_only=True)
class LibraryCall:
    """One call, on a class or a module: `Ddb.list_messages(…)`, `list_messages(…)`, `ddb.list_messages(…)`."""

    node: ast.Call = field(repr=False)
    library: Source = field(repr=False)
    function: Function = field(repr=False)


def library_calls(source: Source, libraries: Sequence[Source]) -> Iterator[LibraryCall]:
    """Yield a file's calls; those on objects, and by names that the file binds in another way too, are left out."""
    by_path = {library.path: library for library in libraries}
    targets = _targets(source, libraries)
    for node in source.nodes if targets else ():
        called = _dotted(node.func) if isinstance(node, ast.Call) else ()
        if isinstance(node, ast.Call) and called and called[0] in targets:
            path, begin = targets[called[0]]
            function = _defined(by_path[path], (*begin, *called[1:]))
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                yield LibraryCall(node=node, library=by_path[path], function=function)


def _targets(source: Source, libraries: Sequence[Source]) -> dict[str, _Target]:
    """Return what the file's names stand for, where that is something of one library and nothing else."""
    found: dict[str, set[_Target]] = {}
    for name, dotted in _imported(source):
        for length in {len(dotted), len(dotted) - 1} - {0}:
            same = [each.path for each in libraries if _module(each)[-length:] == dotted[:length]]
            found.setdefault(name, set()).update((path, dotted[length:]) for path in same)
    bound = _bound(source)
    if source in libraries and source.tree is not None:
        for each in source.tree.body:
            if isinstance(each, _DEFINITIONS):
                found.setdefault(each.name, set()).add((source.path, (each.name,)))
                bound[each.name] -= 1
    return {name: next(iter(targets)) for name, targets in found.items() if len(targets) == 1 and not bound[name]}


def _bound(source: Source) -> Counter[str]:
    """Return how often names are bound, but for imports and for the methods of classes, in whatever scope."""
    methods = {each for node in source.nodes if isinstance(node, ast.ClassDef) for each in node.body}
    return Counter(name for node in source.nodes if node not in methods for name in _binds(node))


def _binds(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name


def _defined(library: Source, path: tuple[str, ...]) -> ast.stmt | None:
    """Return the definition at the end of a path, where each step is bound once, and by a plain definition."""
    found: ast.stmt | None = None
    body = library.tree.body if library.tree is not None else []
    for number, name in enumerate(path, 1):
        binding = [each for each in body if name in _binds_at_its_level(each)]
        found = binding[0] if len(binding) == 1 and isinstance(binding[0], _DEFINITIONS) else None
        if number == len(path) or not isinstance(found, ast.ClassDef) or found.decorator_list:
            return found if number == len(path) else None
        body = found.body
    return found


def _binds_at_its_level(statement: ast.stmt) -> set[str]:
    if isinstance(statement, _DEFINITIONS):
        return {statement.name}
    return {name for node in ast.walk(statement) for name in _binds(node)}


def _dotted(node: ast.expr) -> tuple[str, ...]:
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=value, attr=name) if owner := _dotted(value):
            return (*owner, name)
    return ()


def _imported(source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names that are imported, with what they stand for: `("lib", "ddb", "Ddb")`."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((each.asname, tuple(each.name.split("."))) for each in node.names if each.asname)
        elif isinstance(node, ast.ImportFrom):
            above = _module(source)[: -node.level] if node.level else ()
            module = (*above, *(node.module.split(".") if node.module else ()))
            yield from ((each.asname or each.name, (*module, each.name)) for each in node.names)


def _module(source: Source) -> tuple[str, ...]:
    return tuple(source.path.removesuffix(".py").split("/"))
