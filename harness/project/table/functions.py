"""The functions of Python files: what kinds of items they write and read, and what they call."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.python.binding import bind, first_is_given
from harness.project.python.expressions import text_of
from harness.project.python.scopes import scopes_of
from harness.project.table.requests import requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Function, Scopes
    from harness.project.source import Source
    from harness.project.table.requests import TableRequest

_WRITING = frozenset({"PutItem", "BatchWriteItem", "TransactWriteItems", "UpdateItem"})
_PREFIXES = ("MSG#", "GRP#")
#: Functions that make items of a pk that they are given, by name, each with those parameters.
_Makers = dict[str, tuple["Function", frozenset[str]]]


@dataclass(frozen=True, kw_only=True)
class TableFunction:
    """A function that makes requests on the table."""

    source: Source = field(repr=False)
    node: Function = field(repr=False)
    requests: tuple[TableRequest, ...]
    #: Of all pk that it makes, or has made by functions of the file that only make items.
    prefixes: frozenset[str]

    @property
    def name(self) -> str:
        """Its name."""
        return self.node.name

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(path=self.source.path, line=self.node.lineno)

    @property
    def operations(self) -> frozenset[str]:
        """Which requests it makes."""
        return frozenset(request.operation for request in self.requests)

    @property
    def writes(self) -> frozenset[str]:
        """The kinds of items that it writes, by the beginning of their pk; none where it only reads."""
        return self.prefixes if self.operations & _WRITING else frozenset()

    @property
    def reads(self) -> frozenset[str]:
        """The kinds of items that it queries."""
        return frozenset(
            prefix
            for request in self.requests
            if request.operation == "Query"
            for condition in request.conditions
            for prefix in _PREFIXES
            if isinstance(condition.value, str) and condition.value.startswith(prefix)
        )


@lru_cache(maxsize=512)
def table_functions(source: Source) -> tuple[TableFunction, ...]:
    """Return the file's functions that make requests."""
    by_function: dict[Function, list[TableRequest]] = {}
    for request in requests_of(source):
        if request.function is not None:
            by_function.setdefault(request.function, []).append(request)
    scopes = scopes_of(source) if by_function else None
    if scopes is None:
        return ()
    only_make = [node for node in functions_in(source) if node not in by_function]
    by_parameter = {node.name: (node, names) for node in only_make if (names := _key_parameters(node))}
    makers = {node.name: _prefixes(node, scopes, by_parameter) for node in only_make}
    return tuple(
        TableFunction(
            source=source,
            node=node,
            requests=tuple(found),
            prefixes=_prefixes(node, scopes, by_parameter).union(
                *(makers.get(name, ()) for name in called_names(node))
            ),
        )
        for node, found in by_function.items()
    )


@lru_cache(maxsize=2048)
def called_names(node: ast.AST) -> frozenset[str]:
    """Return the names that are called inside, without what they belong to: `list_messages` of `Ddb.list_messages()`."""
    return frozenset(name for each in ast.walk(node) for name in _called(each))


@lru_cache(maxsize=512)
def functions_in(source: Source) -> tuple[Function, ...]:
    """Return all functions and methods of a file."""
    return tuple(node for node in source.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _called(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            yield name


def _prefixes(function: Function, scopes: Scopes, makers: _Makers) -> frozenset[str]:
    """Return the beginnings of what the function calls `pk`, or hands a maker of items for it."""
    found = set()
    for value in (
        value for node in ast.walk(function) for value in (*_partition_keys(node), *_handed_keys(node, makers))
    ):
        text = text_of(_plain(value), scopes)
        found |= {prefix for prefix in _PREFIXES if text.startswith(prefix)}
    return frozenset(found)


def _handed_keys(node: ast.AST, makers: _Makers) -> Iterator[ast.expr]:
    for name in _called(node):
        if name not in makers or not isinstance(node, ast.Call):
            continue
        function, parameters = makers[name]
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        on_instance = isinstance(receiver, ast.Name) and receiver.id in {"self", "cls"}
        first_given = first_is_given(function, on_instance=on_instance)
        bound = bind(function, node, first_given=first_given) if first_given is not None else None
        if bound is not None:
            yield from (value for parameter, value in bound.values.items() if parameter in parameters)


def _key_parameters(function: Function) -> frozenset[str]:
    """Return the parameters that the function puts under `pk` as they are."""
    keys = (_plain(value) for node in ast.walk(function) for value in _partition_keys(node))
    named = {key.id for key in keys if isinstance(key, ast.Name)}
    given = function.args
    return frozenset(named & {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)})


def _plain(value: ast.expr) -> ast.expr:
    """Return the value without its type in DynamoDB JSON."""
    return value.values[0] if isinstance(value, ast.Dict) and len(value.values) == 1 else value


def _partition_keys(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what stands under `pk` in dictionaries, and in calls such as `dict(pk=…)`."""
    match node:
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "pk":
                    yield value
        case ast.keyword(arg="pk"):
            yield node.value
