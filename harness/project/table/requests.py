"""The DynamoDB requests that a Python file makes, as far as its code tells."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.project.place import Place
from harness.project.python.expressions import UNKNOWN, Unknown, evaluate
from harness.project.python.scopes import Scopes, scopes_of
from harness.project.table.key_conditions import Condition, key_conditions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.project.python.scopes import Function
    from harness.project.source import Source

_OPERATIONS = {
    "query": "Query",
    "scan": "Scan",
    "get_item": "GetItem",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "batch_get_item": "BatchGetItem",
    "batch_write_item": "BatchWriteItem",
    "transact_get_items": "TransactGetItems",
    "transact_write_items": "TransactWriteItems",
    "create_table": "CreateTable",
    "update_table": "UpdateTable",
}
#: Names that other libraries have as well; they count only with one of these parameters, or on a `Table(…)`.
_ORDINARY = frozenset({"query", "scan"})
#: Nobody hands a condition through more names.
_DEEPEST = 8
_CONDITION = "KeyConditionExpression"
_PARAMETERS = frozenset({"TableName", _CONDITION, "IndexName", "KeyConditions", "ScanIndexForward", "Limit"})
_COMPARISONS = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "begins_with": "begins_with"}


@dataclass(frozen=True, kw_only=True)
class TableRequest:
    """One request, as it is written."""

    operation: str
    place: Place
    #: Values in DynamoDB JSON or plain; `UNKNOWN` for what the code does not tell.
    parameters: Mapping[Any, Any]
    #: Whether all parameters are known by name.
    complete: bool
    #: Whether the code goes on after a page: a paginator, or LastEvaluatedKey in the same function.
    paged: bool
    #: The function that makes it; None at the file's own level.
    function: Function | None = field(default=None, repr=False)
    #: The call; the dictionary of parameters where that is handed to a function that calls.
    node: ast.expr = field(repr=False)

    @property
    def table(self) -> str | None:
        """The table's name, where it is told in full."""
        return _told(self.parameters.get("TableName"))

    @property
    def index(self) -> str | None:
        """The index's name, where it is told in full."""
        return _told(self.parameters.get("IndexName"))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The key condition of a Query."""
        return key_conditions(self.parameters)


@lru_cache(maxsize=512)
def requests_of(source: Source) -> tuple[TableRequest, ...]:
    """Return the file's requests in the order of its lines."""
    scopes = scopes_of(source) if any(word in source.text for word in (*_OPERATIONS, _CONDITION)) else None
    if scopes is None:
        return ()
    calls = [node for node in scopes.nodes if isinstance(node, ast.Call)]
    found = [request for call in calls for request in _of_call(call, scopes, source.path)]
    found += _handed_on(found, scopes, source.path)
    return tuple(sorted(found, key=lambda each: each.place.line))


def _handed_on(found: list[TableRequest], scopes: Scopes, path: str) -> Iterator[TableRequest]:
    """Yield the queries whose parameters are written here and handed to a function that makes the call."""
    told = {request.function for request in found if request.conditions}
    for node in scopes.nodes:
        if not isinstance(node, ast.Dict) or not any(_is_condition(key) for key in node.keys):
            continue
        function, parameters = scopes.function_of(node), evaluate(node, scopes)
        if function in told or not isinstance(parameters, dict):
            continue
        if isinstance(parameters.get(_CONDITION), Unknown):
            parameters[_CONDITION] = _written_condition(node, scopes)
        yield TableRequest(
            operation="Query",
            place=Place(path=path, line=node.lineno),
            parameters=parameters,
            complete=False,
            paged=_names_last_key(scopes.tree),
            function=function,
            node=node,
        )


def _is_condition(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value == _CONDITION


def _told(value: Any) -> str | None:
    return value if isinstance(value, str) and value.isprintable() else None


def _of_call(call: ast.Call, scopes: Scopes, path: str) -> Iterator[TableRequest]:
    if not isinstance(call.func, ast.Attribute):
        return
    name, receiver = call.func.attr, call.func.value
    paged = name == "paginate"
    operation = _paginated(receiver, scopes) if paged else _OPERATIONS.get(name)
    if operation is None:
        return
    parameters, complete = _parameters(call, scopes)
    if (table := _table_of(receiver, scopes)) is not None:
        parameters.setdefault("TableName", table)
    elif name in _ORDINARY and not _PARAMETERS & parameters.keys():
        return
    function = scopes.function_of(call)
    yield TableRequest(
        operation=operation,
        place=Place(path=path, line=call.lineno),
        parameters=parameters,
        complete=complete,
        paged=paged or _names_last_key(function or scopes.tree),
        function=function,
        node=call,
    )


def _parameters(call: ast.Call, scopes: Scopes) -> tuple[dict[Any, Any], bool]:
    found: dict[Any, Any] = {}
    complete = True
    for keyword in call.keywords:
        if keyword.arg == _CONDITION:
            found[keyword.arg] = _condition(keyword.value, scopes)
        elif keyword.arg is not None:
            found[keyword.arg] = evaluate(keyword.value, scopes)
        else:
            merged = evaluate(keyword.value, scopes)
            complete = complete and isinstance(merged, dict)
            found |= merged if isinstance(merged, dict) else {}
            if isinstance(merged, dict) and isinstance(merged.get(_CONDITION), Unknown):
                found[_CONDITION] = _written_condition(keyword.value, scopes)
    return found, complete and UNKNOWN not in found


def _written_condition(params: ast.expr, scopes: Scopes) -> Any:
    """Return the `Key(…)` condition that stands in the dictionary that a name was assigned."""
    value = scopes.assigned_to(params) if isinstance(params, ast.Name) else params
    if isinstance(value, ast.Dict):
        for key, condition in zip(value.keys, value.values, strict=True):
            if _is_condition(key):
                return _condition(condition, scopes)
    return UNKNOWN


def _condition(node: ast.expr, scopes: Scopes, depth: int = 0) -> Any:
    """Return a text, or the list of conditions of `Key("pk").eq(x) & Key("sk").begins_with(y)`."""
    if isinstance(node, ast.Name) and depth < _DEEPEST and (assigned := scopes.assigned_to(node)) is not None:
        return _condition(assigned, scopes, depth + 1)
    listed = list(_key_conditions(node, scopes))
    return listed or evaluate(node, scopes)


def _key_conditions(node: ast.expr, scopes: Scopes) -> Iterator[Condition]:
    match node:
        case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
            yield from _key_conditions(left, scopes)
            yield from _key_conditions(right, scopes)
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Name(id="Key") | ast.Attribute(attr="Key"), args=[attribute]), attr=comparison
            ),
            args=[value, *_],
        ) if comparison in {*_COMPARISONS, "between"}:
            yield Condition(
                str(evaluate(attribute, scopes)),
                _COMPARISONS.get(comparison, comparison),
                evaluate(value, scopes),
            )


def _table_of(receiver: ast.expr, scopes: Scopes) -> Any:
    """Return the table of `dynamodb.Table(name)` and of its `batch_writer()`; None for any other receiver."""
    value: ast.expr | None = receiver
    for _ in range(4):
        match value:
            case ast.Name():
                value = scopes.assigned_to(value)
            case ast.Call(func=ast.Attribute(attr="Table"), args=[name, *_]):
                return evaluate(name, scopes)
            case ast.Call(func=ast.Attribute(attr="batch_writer", value=table)):
                value = table
            case _:
                return None
    return None


def _paginated(receiver: ast.expr, scopes: Scopes) -> str | None:
    """Return the operation of `client.get_paginator("query")`."""
    value = scopes.assigned_to(receiver) if isinstance(receiver, ast.Name) else receiver
    match value:
        case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=str(name))]):
            return _OPERATIONS.get(name)
    return None


def _names_last_key(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Constant) and each.value in {"LastEvaluatedKey", "ExclusiveStartKey"}
        for each in ast.walk(node)
    ) or any(isinstance(each, ast.keyword) and each.arg == "ExclusiveStartKey" for each in ast.walk(node))
