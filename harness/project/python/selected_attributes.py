"""Where a script picks an attribute out of a list of names and values, and goes on as if it were always there.

Cognito gives the attributes of a user so, `[{"Name": …, "Value": …}]`, and leaves out those that the user has not
(Cognito API reference, UserType).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Scopes
    from harness.project.source import Source

_NAME = "Name"
_Part = ast.Subscript | ast.Attribute


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """One use of what may not be there."""

    line: int
    #: As it is written: `handle['Value']`.
    text: str
    #: What it comes to for a user without the attribute, as a traceback says it.
    error: str


def unguarded_lookups(source: Source, attribute: str) -> tuple[Lookup, ...]:
    """Return the uses that nothing in the file guards: no test, no `try`, no other value in its place."""
    scopes = scopes_of(source) if attribute in source.text else None
    if scopes is None or _is_asked_for(scopes, attribute):
        return ()
    found = []
    for node in scopes.nodes:
        error = _error(node, attribute, scopes)
        if error and isinstance(node, ast.expr) and not _is_caught(node, scopes):
            found.append(Lookup(line=node.lineno, text=ast.unparse(node), error=error))
    return tuple(sorted(found, key=lambda each: each.line))


def _error(node: ast.AST, attribute: str, scopes: Scopes) -> str:
    """Return what an expression raises where the attribute is missing; empty where it raises nothing."""
    match node:
        case ast.Call(func=ast.Name(id="next"), args=[some]) if _selects(some, attribute):
            return "StopIteration"
        case ast.Subscript(value=value, slice=ast.Constant(value=int()), ctx=ast.Load()):
            whole = _behind(value, scopes)
            if whole is not None and _selects(whole, attribute):
                return "IndexError: list index out of range"
        case ast.Subscript(value=value, slice=ast.Constant(value=name), ctx=ast.Load()) if name == attribute:
            if _is_by_name(value, scopes):
                return f"KeyError: '{attribute}'"
        case ast.Subscript(value=value, ctx=ast.Load()) | ast.Attribute(value=value, ctx=ast.Load()):
            return _error_of_default(node, _behind(value, scopes), attribute)
    return ""


def _error_of_default(node: _Part, value: ast.expr | None, attribute: str) -> str:
    """Return what comes of a part of `next(…, None)` or of `next(…, {})`."""
    match value:
        case ast.Call(func=ast.Name(id="next"), args=[some, default]) if _selects(some, attribute):
            pass
        case _:
            return ""
    match default, node:
        case ast.Constant(value=None), ast.Subscript():
            return "TypeError: 'NoneType' object is not subscriptable"
        case ast.Constant(value=None), ast.Attribute(attr=name):
            return f"AttributeError: 'NoneType' object has no attribute '{name}'"
        case ast.Dict(keys=[]), ast.Subscript(slice=ast.Constant(value=name)):
            return f"KeyError: {name!r}"
    return ""


def _behind(value: ast.expr, scopes: Scopes) -> ast.expr | None:
    """Return what a name was assigned, where no test asks whether there is something; else the expression itself."""
    if not isinstance(value, ast.Name):
        return value
    return None if _is_tested(value, scopes) else scopes.assigned_to(value)


def _selects(some: ast.expr, attribute: str) -> bool:
    """Whether an expression keeps, of a list, what is called so: `(a for a in attributes if a["Name"] == "sub")`."""
    match some:
        case ast.GeneratorExp(generators=generators) | ast.ListComp(generators=generators):
            return any(_compares(test, attribute) for each in generators for test in each.ifs)
        case ast.Call(func=ast.Name(id="filter"), args=[ast.Lambda(body=test), _]):
            return _compares(test, attribute)
        case ast.Call(func=ast.Name(id="list" | "iter"), args=[inner]):
            return _selects(inner, attribute)
    return False


def _compares(test: ast.expr, attribute: str) -> bool:
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            return any(isinstance(each, ast.Constant) and each.value == attribute for each in (left, right))
    return False


def _is_by_name(value: ast.expr, scopes: Scopes) -> bool:
    """Whether it is a dictionary that was made of names and values: `{a["Name"]: a["Value"] for a in attributes}`."""
    made = scopes.assigned_to(value) if isinstance(value, ast.Name) else value
    match made:
        case ast.DictComp(key=key):
            return _is_name(key)
        case ast.Call(func=ast.Name(id="dict"), args=[ast.GeneratorExp(elt=ast.Tuple(elts=[key, _]))]):
            return _is_name(key)
        case ast.Dict(keys=[]) if isinstance(value, ast.Name):
            return any(_fills(node, value.id) for node in scopes.nodes)
    return False


def _fills(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Subscript(value=ast.Name(id=filled), slice=key, ctx=ast.Store()):
            return filled == name and _is_name(key)
    return False


def _is_name(key: ast.expr) -> bool:
    return isinstance(key, ast.Subscript) and isinstance(key.slice, ast.Constant) and key.slice.value == _NAME


def _is_asked_for(scopes: Scopes, attribute: str) -> bool:
    """Whether the file asks whether the attribute is there, or only for users that have it (the `Filter` of ListUsers)."""
    for node in scopes.nodes:
        match node:
            case ast.Compare(left=ast.Constant(value=name), ops=[ast.In() | ast.NotIn()]) if name == attribute:
                return True
            case ast.keyword(arg="Filter", value=value) if attribute in ast.unparse(value):
                return True
    return False


def _is_tested(name: ast.Name, scopes: Scopes) -> bool:
    """Whether a test in the same function, class or file speaks of the name."""
    scope = scopes.scope_of(name)
    return any(
        isinstance(each, ast.Name) and each.id == name.id and scopes.scope_of(each) is scope
        for node in scopes.nodes
        for test in _tests(node)
        for each in ast.walk(test)
    )


def _tests(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
            yield test
        case ast.BoolOp(values=values):
            yield from values
        case ast.comprehension(ifs=tests):
            yield from tests
        case ast.Match(subject=subject):
            yield subject


def _is_caught(node: ast.AST, scopes: Scopes) -> bool:
    """Whether it stands in a `try` that catches something."""
    inner, outer = node, scopes.parent(node)
    while outer is not None:
        if isinstance(outer, ast.Try) and outer.handlers and inner in outer.body:
            return True
        if isinstance(outer, ast.With) and any("suppress" in ast.unparse(each.context_expr) for each in outer.items):
            return True
        inner, outer = outer, scopes.parent(outer)
    return False
