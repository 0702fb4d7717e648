"""How an application's library of queries works, and which query goes through which of its functions."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Function, Scopes
    from harness.project.source import Project, Source

#: A library pastes a query between `FROM (` and `)`: with a `;` inside, that can't be read.
_WRAPS = re.compile(r"\bfrom\s*\(\s*$", re.IGNORECASE)
_FORMAT = re.compile(r"\bfrom\s*\(\s*(?:%s|\{\w*\})\s*\)", re.IGNORECASE)
_SPOILS = re.compile(r";\s*(?:--[^\n]*\s*)*\Z")


@dataclass(frozen=True, kw_only=True)
class WrappedQuery:
    """A query that ends with `;` and is pasted into another one."""

    #: Of the `;`.
    place: Place
    source: Source
    #: The call that pastes it.
    call: Place
    function: str


def functions_of(source: Source) -> Iterator[Function]:
    """Yield the functions and methods of a file."""
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def wrapping_functions(project: Project) -> frozenset[str]:
    """Return the names of the library's functions that paste the query they are given into another one."""
    functions = [each for source in project.with_role("db-library") for each in functions_of(source)]
    names = {each.name for each in functions if _wraps(each)}
    for _ in range(2):  # query_value → query_wrap_object; one more step is enough for every library seen
        names |= {each.name for each in functions if _calls(each) & names}
    return frozenset(names)


def spoiled_queries(project: Project) -> Iterator[WrappedQuery]:
    """Yield the queries that end with `;` where they are pasted into another one; each once."""
    wrapping = wrapping_functions(project)
    told = set()
    for source in sorted(project.sources.values(), key=lambda each: each.path) if wrapping else ():
        scopes = scopes_of(source)
        for node in scopes.nodes if scopes is not None else ():
            if scopes is None or not isinstance(node, ast.Call) or _called(node) not in wrapping:
                continue
            if "db-library" in source.roles or not node.args:
                continue
            found = _spoiled(node, source, scopes, project)
            if found is not None and found.place not in told:
                told.add(found.place)
                yield found


def _wraps(function: Function) -> bool:
    for node in ast.walk(function):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _FORMAT.search(node.value):
            return True
        if isinstance(node, ast.JoinedStr):
            texts = list(node.values)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            texts = [node.left.right if isinstance(node.left, ast.BinOp) else node.left, node.right]
        for text in texts[:-1]:
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and _WRAPS.search(text.value):
                return True
    return False


def _calls(function: Function) -> set[str]:
    return {_called(node) for node in ast.walk(function) if isinstance(node, ast.Call)} - {""}


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _spoiled(node: ast.Call, source: Source, scopes: Scopes, project: Project) -> WrappedQuery | None:
    query: ast.expr | None = node.args[0]
    if isinstance(query, ast.Name):
        query = scopes.assigned_to(query)
    call = Place(path=source.path, line=node.lineno)
    if isinstance(query, ast.Constant) and isinstance(query.value, str) and _SPOILS.search(query.value):
        at = Place(path=source.path, line=query.end_lineno or query.lineno)
        return WrappedQuery(place=at, source=source, call=call, function=_called(node))
    template = _template(query, project)
    if template is not None and (end := _SPOILS.search(template.text)):
        line = template.text.count("\n", 0, end.start()) + 1
        at = Place(path=template.path, line=line)
        return WrappedQuery(place=at, source=template, call=call, function=_called(node))
    return None


def _template(query: ast.expr | None, project: Project) -> Source | None:
    """Return the file that `template("users", "show")` reads."""
    if not isinstance(query, ast.Call) or "template" not in _called(query):
        return None
    parts = [each.value for each in query.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if not parts or len(parts) != len(query.args):
        return None
    tail = "/".join(part.strip("/") for part in parts).removesuffix(".sql") + ".sql"
    found = [each for path, each in project.sources.items() if path == tail or path.endswith(f"/{tail}")]
    return found[0] if len(found) == 1 else None
