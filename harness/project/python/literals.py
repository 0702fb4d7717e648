"""The texts that an expression of Python code can be, each with the line of its literal, wherever it is handed on from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Function, Scopes


class Literals:
    """Looks for literals behind the names, loops, parameters and dictionaries of one file."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes
        self._calls = [node for node in scopes.nodes if isinstance(node, ast.Call)]
        self._loops = [
            (node.target, node.iter) for node in scopes.nodes if isinstance(node, ast.For | ast.comprehension)
        ]

    def behind(self, node: ast.AST, seen: set[ast.AST] | None = None) -> Iterator[tuple[str, int]]:
        """Yield the texts that an expression can be."""
        seen = set() if seen is None else seen
        if node in seen:
            return  # names may go in circles
        seen.add(node)
        match node:
            case ast.Constant(value=str(text)):
                yield text, node.lineno
            case ast.Name():
                yield from self._behind_name(node, seen)
            case _:
                for part in self._parts(node):
                    yield from self.behind(part, seen)

    def _parts(self, node: ast.AST) -> list[ast.expr]:
        """Return the expressions, any of which can be the value."""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.BoolOp(values=parts):
                return parts
            case ast.IfExp(body=one, orelse=other):
                return [one, other]
            case ast.Call(func=ast.Attribute(attr="getenv" | "get") | ast.Name(id="getenv"), args=[_, default]):
                return [default]
            case ast.Subscript(value=whole, slice=ast.Constant(value=key)):
                return self._entry(whole, key)
        return []

    def _entry(self, whole: ast.expr, key: object) -> list[ast.expr]:
        if isinstance(whole, ast.Name):
            whole = self._scopes.assigned_to(whole) or whole
        match whole:
            case ast.Dict(keys=names, values=values):
                pairs = zip(names, values, strict=True)
                return [value for name, value in pairs if isinstance(name, ast.Constant) and name.value == key]
            case ast.List(elts=parts) | ast.Tuple(elts=parts) if isinstance(key, int) and -len(parts) <= key < len(
                parts
            ):
                return [parts[key]]
        return []

    def _behind_name(self, name: ast.Name, seen: set[ast.AST]) -> Iterator[tuple[str, int]]:
        assigned = self._scopes.assigned_to(name)
        if assigned is not None:
            yield from self.behind(assigned, seen)
            return
        for target, values in self._loops:
            for value in self._in_loop(name.id, target, values):
                yield from self.behind(value, seen)
        function = self._scopes.function_of(name)
        if function is not None:
            for argument in self._arguments(function, name.id):
                yield from self.behind(argument, seen)

    def _in_loop(self, name: str, target: ast.expr, values: ast.expr) -> Iterator[ast.expr]:
        """Yield what a name in the head of a loop can be: `one` of `for n, (one, other) in enumerate(PAIRS)`."""
        if isinstance(values, ast.Name):
            values = self._scopes.assigned_to(values) or values
        match target, values:
            case ast.Name(id=found), _ if found == name:
                yield values
            case ast.Tuple(elts=[_, inner]), ast.Call(func=ast.Name(id="enumerate"), args=[counted, *_]):
                yield from self._in_loop(name, inner, counted)
            case ast.Tuple(elts=parts), ast.List(elts=rows) | ast.Tuple(elts=rows):
                for row in rows:
                    if isinstance(row, ast.Tuple | ast.List) and len(row.elts) == len(parts):
                        for part, value in zip(parts, row.elts, strict=True):
                            yield from self._in_loop(name, part, value)

    def _arguments(self, function: Function, parameter: str) -> Iterator[ast.expr]:
        """Yield what is handed over for a parameter, wherever the function is called; else its default."""
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        if parameter not in names:
            return
        place = names.index(parameter) - (names[0] in {"self", "cls"})
        owner = self._scopes.parent(function)
        name = owner.name if function.name == "__init__" and isinstance(owner, ast.ClassDef) else function.name
        for call in self._calls:
            called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", None)
            if called == name:
                yield from _handed_over(call, parameter, place) or _default(function, names.index(parameter))


def _handed_over(call: ast.Call, parameter: str, place: int) -> list[ast.expr]:
    """Return what a call gives a parameter; nothing where it leaves that to the default, `...` where it can't be told."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
        return [ast.Constant(value=...)]
    return [each.value for each in call.keywords if each.arg == parameter] or call.args[place : place + 1]


def _default(function: Function, place: int) -> list[ast.expr]:
    given = function.args
    first = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    return given.defaults[place - first : place - first + 1] if place >= first else []
