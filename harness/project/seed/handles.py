"""Which users a script asks for: the handles that stand in its code."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.python.literals import Literals
from harness.project.python.scopes import scopes_of
from harness.project.seed.handle_conditions import Query, query_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Scopes
    from harness.project.source import Source

#: `handle`, `my_handle`, `otherHandle`, `handles`; not `handler`.
_NAMED = re.compile(r"handles?(?![a-z])", re.IGNORECASE)
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
    reader = _Reader(scopes, source)
    found = {
        Asked(handle=handle, place=Place(path=source.path, line=line))
        for node in scopes.nodes
        for handle, line in reader.asked_in(node)
        if _is_handle(handle)
    }
    return tuple(sorted(found, key=lambda each: (each.place, each.handle)))


def _is_handle(text: str) -> bool:
    bare = text.strip()
    return bool(bare) and len(text) <= _LONGEST and not re.search(r"[\s%(){};]", bare) and bare != "handle"


class _Reader:
    """Finds the literals behind expressions that are compared with, or handed over as, a handle."""

    def __init__(self, scopes: Scopes, source: Source) -> None:
        self._scopes = scopes
        self._source = source
        self._literals = Literals(scopes)

    def asked_in(self, node: ast.AST) -> Iterator[tuple[str, int]]:
        match node:
            case ast.Dict():
                yield from self._in_dictionary(node)
            case ast.Compare(left=left, ops=[ast.Eq() | ast.In()], comparators=[right]):
                for one, other in ((left, right), (right, left)):
                    if _is_about_handles(one):
                        yield from self._literals.behind(other)
            case ast.Call():
                yield from self._in_call(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _NAMED.search(name):
                if isinstance(value, ast.Constant | ast.List | ast.Tuple):
                    yield from self._literals.behind(value)
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp | ast.Call) and not self._is_part(node):
            yield from self._in_query(node)

    def _in_dictionary(self, node: ast.Dict) -> Iterator[tuple[str, int]]:
        names = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        if {"pk", "sk", "message", "message_uuid"}.intersection(names):
            return  # an item: what stands here is written
        for name, value in zip(names, node.values, strict=True):
            if isinstance(name, str) and _NAMED.search(name):
                yield from self._literals.behind(value)

    def _in_call(self, node: ast.Call) -> Iterator[tuple[str, int]]:
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if not _WRITING.search(str(called)):
            for keyword in node.keywords:
                if keyword.arg and _NAMED.search(keyword.arg):
                    yield from self._literals.behind(keyword.value)
        given = [self._spelt_out(each) for each in (*node.args, *(each.value for each in node.keywords))]
        for query in filter(None, map(query_of, given)):
            for value in _parameters(query, node, given):
                yield from self._literals.behind(value)

    def _in_query(self, node: ast.expr) -> Iterator[tuple[str, int]]:
        """Yield the literals of a query itself, and what is pasted into it."""
        query = query_of(node)
        for value in query.compared() if query is not None else ():
            if isinstance(value, str):
                yield value, self._line_within(node, value)
            else:
                yield from self._literals.behind(value)

    def _line_within(self, node: ast.expr, text: str) -> int:
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        return next((number for number in lines if text in self._source.lines[number - 1]), node.lineno)

    def _is_part(self, node: ast.expr) -> bool:
        """Whether a larger text is made of it, which is read as a whole."""
        around = self._scopes.parent(node)
        return isinstance(around, ast.JoinedStr | ast.BinOp) or (
            isinstance(around, ast.Attribute) and around.attr == "format"
        )

    def _spelt_out(self, node: ast.expr) -> ast.expr:
        """Return what a name was assigned."""
        return (self._scopes.assigned_to(node) or node) if isinstance(node, ast.Name) else node


def _parameters(query: Query, call: ast.Call, given: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield what a call hands over for the placeholders that the query compares handles with."""
    wanted = set(query.placeholders())
    for each in given:
        match each:
            case ast.Tuple(elts=values) | ast.List(elts=values):
                yield from (value for place, value in enumerate(values) if place in wanted)
            case ast.Dict(keys=names, values=values):
                pairs = zip(names, values, strict=True)
                yield from (value for name, value in pairs if isinstance(name, ast.Constant) and name.value in wanted)
            case ast.Call(func=ast.Name(id="dict"), keywords=named):
                yield from (keyword.value for keyword in named if keyword.arg in wanted)
    yield from (keyword.value for keyword in call.keywords if keyword.arg in wanted)


def _is_about_handles(node: ast.expr) -> bool:
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return bool(_NAMED.search(name))
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return bool(_NAMED.search(name))
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return bool(_NAMED.search(name))
    return False
