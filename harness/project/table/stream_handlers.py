"""What a stream handler's code does with an event, as far as its text tells."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.place import Place
from harness.project.python.expressions import HOLE, evaluate
from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Function
    from harness.project.source import Source

_IMAGES = frozenset({"NewImage", "OldImage"})
_ENTRIES = ("lambda_handler", "handler", "main")
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A region or endpoint that is written into the code."""

    what: str
    value: str
    place: Place


def entry_of(source: Source) -> Function | None:
    """Return the function that Lambda would call: one of the usual names, or the only one that takes two arguments."""
    tops = [node for node in source.tree.body if isinstance(node, ast.FunctionDef)] if source.tree else []
    named = [node for name in _ENTRIES for node in tops if node.name == name]
    taking_two = [node for node in tops if _takes_two(node)]
    return next(iter(named or taking_two), None)


def takes_event_and_context(function: Function) -> bool:
    """Tell whether it can be called with an event and a context."""
    return _takes_two(function)


def first_record_only(source: Source) -> int | None:
    """Return the line of `Records[0]`, where nothing goes through the records; None otherwise."""
    nodes = source.nodes
    names = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _is_records(node.value)
        for target in _names(node)
    }
    loops = [node.iter for node in nodes if isinstance(node, ast.For | ast.comprehension)]
    if any(_mentions_records(each, names) for each in loops):
        return None
    for node in nodes:
        if isinstance(node, ast.Subscript) and _is_first_or_last(node.slice):
            value = node.value
            if _is_records(value) or (isinstance(value, ast.Name) and value.id in names):
                return node.lineno
    return None


def ends_at_one_record(source: Source) -> int | None:
    """Return the line of a `return` by which one kind of record ends the loop over all of them; None without one."""
    for loop in source.nodes:
        if not isinstance(loop, ast.For) or not _mentions_records(loop.iter, set()):
            continue
        for node in loop.body:
            if isinstance(node, ast.If) and not node.orelse and isinstance(node.body[-1], ast.Return):
                left = node.body[-1]
                if left.value is None or isinstance(left.value, ast.Constant):  # else it may tell which ones failed
                    return left.lineno
    return None


def constants(source: Source) -> frozenset[str]:
    """Return the texts in the code, f-strings' pieces among them; docstrings are not."""
    nodes = source.nodes
    texts = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return frozenset(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts
    )


def image_reads(source: Source) -> dict[str, int]:
    """Return the images that are read as `record["dynamodb"]["NewImage"]`, which fails where there is none, with lines."""
    found: dict[str, int] = {}
    for node in source.nodes:
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(name)), ctx=ast.Load()) if name in _IMAGES:
                found.setdefault(name, node.lineno)
    return found


def guards_against_removal(source: Source) -> bool:
    """Tell whether anything in the code could keep a REMOVE from where NewImage is read."""
    tests = {"REMOVE", "INSERT", "MODIFY"} & constants(source)
    nodes = source.nodes
    membership = any(
        isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Constant)
        and node.left.value in _IMAGES
        and isinstance(node.ops[0], ast.In | ast.NotIn)
        for node in nodes
    )
    caught = any(isinstance(node, ast.ExceptHandler) for node in nodes)
    asked = any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and any(isinstance(each, ast.Constant) and each.value in _IMAGES for each in node.args)
        for node in nodes
    )
    return bool(tests) or membership or caught or asked


def compares_instants(source: Source) -> bool:
    """Tell whether anything in the code could find out that a record is older than the row."""
    for node in source.nodes:
        match node:
            case ast.Compare(ops=ops) if any(isinstance(op, _COMPARISONS) for op in ops):
                return True
            case ast.Call(func=ast.Name(id="max" | "sorted")) | ast.Call(func=ast.Attribute(attr="sort")):
                return True
            case ast.Constant(value="ConditionExpression") | ast.keyword(arg="ConditionExpression"):
                return True
    return False


def pinned(source: Source) -> tuple[Pinned, ...]:
    """Return the region and the http endpoint that boto3's clients are given in the code."""
    scopes = scopes_of(source)
    calls = [node for node in scopes.nodes if isinstance(node, ast.Call)] if scopes else []
    found = []
    for call in calls:
        if not (isinstance(call.func, ast.Attribute | ast.Name) and _called(call) in {"client", "resource", "Session"}):
            continue
        for keyword in call.keywords:
            value = evaluate(keyword.value, scopes) if scopes else None
            what = {"region_name": "region", "endpoint_url": "endpoint"}.get(keyword.arg or "")
            if what and isinstance(value, str) and value and HOLE not in value:
                found.append(Pinned(what=what, value=value, place=Place(path=source.path, line=keyword.value.lineno)))
    return tuple(found)


def _called(call: ast.Call) -> str:
    return (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )


def _takes_two(function: Function) -> bool:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args]
    needed = len(every) - len(arguments.defaults)
    return needed <= 2 and (len(every) >= 2 or arguments.vararg is not None)  # noqa: PLR2004 - event and context


def _is_records(node: ast.AST) -> bool:
    """Tell whether it is `event["Records"]` or `event.get("Records")`."""
    match node:
        case ast.Subscript(slice=ast.Constant(value="Records")):
            return True
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value="Records"), *_]):
            return True
    return False


def _is_first_or_last(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=0) | ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            return True
    return False


def _mentions_records(node: ast.AST, names: set[str]) -> bool:
    return any(_is_records(each) or (isinstance(each, ast.Name) and each.id in names) for each in ast.walk(node))


def _names(assign: ast.Assign) -> Iterator[ast.Name]:
    yield from (target for target in assign.targets if isinstance(target, ast.Name))
