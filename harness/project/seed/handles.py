"""Which users a script asks for: the handles that stand in its code."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Function, Scopes
    from harness.project.source import Source

#: `handle`, `my_handle`, `otherHandle`, `handles`; not `handler`.
_NAMED = re.compile(r"handles?(?![a-z])", re.IGNORECASE)
_EQUALS = re.compile(r"\bhandle\"?\s*=\s*'(?P<handle>[^'%{}]*)'", re.IGNORECASE)
_IN = re.compile(r"\bhandle\"?\s+in\s*\(\s*(?P<list>'[^)]*)\)", re.IGNORECASE)
_QUOTED = re.compile(r"'([^'%{}]*)'")
_HOLE = re.compile(r"%s")
_BEFORE_HOLE = re.compile(r"\bhandle\"?\s*(=|in\s*\(\s*(%s\s*,\s*)*)\s*$", re.IGNORECASE)
#: A literal that is handed to one of these is written into an item, not asked for.
_WRITING = re.compile(r"create|put|add|insert|save|write|send|message|group|print|log", re.IGNORECASE)
_LONGEST = 64


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Asked:
    """A handle that a script looks up."""

    handle: str
    #: Where the literal stands.
    place: Place


@lru_cache(maxsize=256)
def handles_asked(source: Source) -> tuple[Asked, ...]:
    """Return the handles that a Python script asks for, by line."""
    scopes = scopes_of(source)
    if scopes is None:
        return ()
    reader = _Reader(scopes)
    found = {
        Asked(handle=handle, place=Place(path=source.path, line=line))
        for node in ast.walk(scopes.tree)
        for handle, line in reader.asked_in(node)
        if _is_handle(handle)
    }
    return tuple(sorted(found, key=lambda each: (each.place, each.handle)))


def _is_handle(text: str) -> bool:
    bare = text.strip()
    return bool(bare) and len(text) <= _LONGEST and not re.search(r"[\s%(){};]", bare) and bare != "handle"


class _Reader:
    """Finds the literals behind expressions that are compared with, or handed over as, a handle."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes
        nodes = list(ast.walk(scopes.tree))
        self._calls = [node for node in nodes if isinstance(node, ast.Call)]
        self._loops = [(node.target, node.iter) for node in nodes if isinstance(node, ast.For | ast.comprehension)]

    def asked_in(self, node: ast.AST) -> Iterator[tuple[str, int]]:
        match node:
            case ast.Dict():
                yield from self._in_dictionary(node)
            case ast.Compare(left=left, ops=[ast.Eq() | ast.In()], comparators=[right]):
                for one, other in ((left, right), (right, left)):
                    if _is_about_handles(one):
                        yield from self.literals(other)
            case ast.Call():
                yield from self._in_call(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _NAMED.search(name):
                yield from self._direct(value)
            case ast.Constant(value=str(text)) if "handle" in text.casefold():
                yield from _in_sql(text, node.lineno)

    def literals(self, node: ast.AST, seen: set[ast.AST] | None = None) -> Iterator[tuple[str, int]]:
        """Yield the texts that an expression can be, each with the line of its literal."""
        seen = set() if seen is None else seen
        if node in seen:
            return  # names may go in circles
        seen.add(node)
        match node:
            case ast.Constant(value=str(text)):
                yield text, node.lineno
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                for part in parts:
                    yield from self.literals(part, seen)
            case ast.Name():
                yield from self._behind_name(node, seen)
            case ast.Call(func=ast.Attribute(attr="getenv" | "get"), args=[_, default]):
                yield from self.literals(default, seen)

    def _behind_name(self, name: ast.Name, seen: set[ast.AST]) -> Iterator[tuple[str, int]]:
        assigned = self._scopes.assigned_to(name)
        if assigned is not None:
            yield from self.literals(assigned, seen)
            return
        for target, values in self._loops:
            for value in self._in_loop(name.id, target, values):
                yield from self.literals(value, seen)
        function = self._scopes.function_of(name)
        if function is not None:
            for argument in self._arguments(function, name.id):
                yield from self.literals(argument, seen)

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
            if called != name:
                continue
            yield from (each.value for each in call.keywords if each.arg == parameter)
            if place < len(call.args) and not any(isinstance(each, ast.Starred) for each in call.args):
                yield call.args[place]

    def _direct(self, value: ast.expr) -> Iterator[tuple[str, int]]:
        if isinstance(value, ast.Constant | ast.List | ast.Tuple):
            yield from self.literals(value)

    def _in_dictionary(self, node: ast.Dict) -> Iterator[tuple[str, int]]:
        names = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        if {"pk", "sk", "message", "message_uuid"}.intersection(names):
            return  # an item: what stands here is written
        for name, value in zip(names, node.values, strict=True):
            if isinstance(name, str) and _NAMED.search(name):
                yield from self.literals(value)

    def _in_call(self, node: ast.Call) -> Iterator[tuple[str, int]]:
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if not _WRITING.search(str(called)):
            for keyword in node.keywords:
                if keyword.arg and _NAMED.search(keyword.arg):
                    yield from self.literals(keyword.value)
        yield from self._in_parameters(node)

    def _in_parameters(self, node: ast.Call) -> Iterator[tuple[str, int]]:
        """Yield what is handed over for the `%s` behind `handle =`, in `execute(sql, ("one", "other"))`."""
        match node.args:
            case [sql, ast.Tuple(elts=values) | ast.List(elts=values), *_]:
                pass
            case _:
                return
        if isinstance(sql, ast.Name):
            sql = self._scopes.assigned_to(sql) or sql
        if not (isinstance(sql, ast.Constant) and isinstance(sql.value, str)):
            return
        for hole, value in zip(_HOLE.finditer(sql.value), values, strict=False):
            if _BEFORE_HOLE.search(sql.value[: hole.start()]):
                yield from self.literals(value)


def _is_about_handles(node: ast.expr) -> bool:
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return bool(_NAMED.search(name))
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return bool(_NAMED.search(name))
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return bool(_NAMED.search(name))
    return False


def _in_sql(text: str, line: int) -> Iterator[tuple[str, int]]:
    if "select" not in text.casefold():
        return
    for found in _EQUALS.finditer(text):
        yield found["handle"], line + text.count("\n", 0, found.start())
    for found in _IN.finditer(text):
        begin = found.start("list")
        for quoted in _QUOTED.finditer(found["list"]):
            yield quoted[1], line + text.count("\n", 0, begin + quoted.start())
