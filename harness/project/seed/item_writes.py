"""Where a seed script writes messages and group rows: in which loop and branch, and whether it gets there."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Scopes
    from harness.project.source import Source

#: What writes items.
PUTS = frozenset({"put_item", "batch_write_item", "transact_write_items", "update_item"})
_OF_MANY = frozenset({"batch_write_item", "transact_write_items"})
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEAVES = (ast.Raise, ast.Return, ast.Continue, ast.Break)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_MESSAGE_CALL = re.compile(r"message", re.IGNORECASE)
_GROUP_CALL = re.compile(r"group|conversations?$|users?$", re.IGNORECASE)
#: Calls within calls, and ways to one of them.
_DEEPEST, _MOST = 4, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A place that writes messages: the request itself, or a call that leads to it."""

    line: int
    #: Of the innermost loop around it, or around a call that leads to it.
    loop: int | None
    #: Of the statement that is always left at, right before it.
    unreachable_after: int | None
    #: Of the innermost `if`, inside of that loop, that it stands in.
    branch: int | None
    #: Whether one call may write many of them.
    of_many: bool


@lru_cache(maxsize=256)
def message_writes(source: Source) -> tuple[Write, ...]:
    """Return the places at which messages are written; none where the code doesn't tell."""
    return _writes(source, "MSG")


@lru_cache(maxsize=256)
def group_writes(source: Source) -> tuple[Write, ...]:
    """Return the places at which group rows are written; none where the code doesn't tell."""
    return _writes(source, "GRP")


def loops(source: Source) -> tuple[int, ...]:
    """Return the lines of the loops of a file."""
    return (
        tuple(sorted(node.lineno for node in ast.walk(source.tree) if isinstance(node, _LOOPS))) if source.tree else ()
    )


def leaves_loop(source: Source, loop: int) -> int | None:
    """Return the line at which the loop that begins at a line always ends in its first round."""
    for node in ast.walk(source.tree) if source.tree else ():
        if isinstance(node, _LOOPS) and node.lineno == loop:
            return next((each.lineno for each in node.body if isinstance(each, ast.Break | ast.Return)), None)
    return None


def writes_what_loop_sets(source: Source, line: int, loop: int) -> bool:
    """Whether the call in a line, behind a loop, is given two names or more that only the loop's rounds set."""
    nodes = [*ast.walk(source.tree)] if source.tree else []
    set_inside: set[str] = set()
    set_outside: set[str] = set()
    around = [node for node in nodes if isinstance(node, _LOOPS) and node.lineno == loop]
    inside = {id(each) for node in around for each in ast.walk(node)}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            (set_inside if id(node) in inside else set_outside).add(node.id)
    used = {
        name.id
        for node in nodes
        if isinstance(node, ast.Call) and node.lineno == line
        for name in ast.walk(node)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)
    }
    return len(used & (set_inside - set_outside)) > 1


def _writes(source: Source, prefix: str) -> tuple[Write, ...]:
    scopes = scopes_of(source)
    if scopes is None:
        return ()
    calls = [node for node in ast.walk(scopes.tree) if isinstance(node, ast.Call)]
    requests = [call for call in calls if called_name(call) in PUTS]
    starts = [call for call in requests if _is_about(call, prefix, scopes)]
    if not requests:
        named = [call for call in calls if _MESSAGE_CALL.search(called_name(call))]
        starts = [call for call in named if bool(_GROUP_CALL.search(called_name(call))) == (prefix == "GRP")]
    chains = [chain for call in starts for chain in _chains(call, calls, scopes)]
    return tuple(sorted({_write(chain, scopes) for chain in chains}, key=lambda write: write.line))


def called_name(call: ast.Call) -> str:
    """Return the name by which something is called: `put_item` of `client.put_item(…)`."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _is_about(call: ast.Call, prefix: str, scopes: Scopes) -> bool:
    """Tell whether a request writes keys of a prefix: it stands in it, or in the function around it."""
    around = scopes.function_of(call)
    names = [node.id for node in ast.walk(call) if isinstance(node, ast.Name)]
    assigned = [
        value
        for node in ast.walk(call)
        if isinstance(node, ast.Name) and (value := scopes.assigned_to(node)) is not None
    ]
    if any(_says(node, prefix) for node in (call, *assigned)):
        return True
    return around is not None and bool(names) and _says(around, prefix)


def _says(node: ast.AST, prefix: str) -> bool:
    return any(
        isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and each.value.upper().lstrip().startswith(prefix)
        for each in ast.walk(node)
    )


def _chains(
    call: ast.Call, calls: list[ast.Call], scopes: Scopes, inside: frozenset[ast.AST] = frozenset()
) -> Iterator[tuple[ast.Call, ...]]:
    """Yield the ways to a request, the outermost call first; `inside` are the functions gone through already."""
    function = scopes.function_of(call)
    if function is None:
        yield (call,)
        return
    inside |= {function}
    callers = [each for each in calls if called_name(each) == function.name and scopes.function_of(each) not in inside]
    for caller in callers[:_MOST] if len(inside) <= _DEEPEST else ():
        for chain in islice(_chains(caller, calls, scopes, inside), _MOST):
            yield (*chain, call)


def _write(chain: tuple[ast.Call, ...], scopes: Scopes) -> Write:
    loop = branch = unreachable = None
    line = chain[0].lineno
    for call in chain:
        its_loop, its_branch, its_end = _around(call, scopes)
        if its_loop is not None:
            loop, branch, line = its_loop, its_branch, call.lineno
        if its_end is not None:
            unreachable, line = its_end, call.lineno
            break
    return Write(
        line=line, loop=loop, unreachable_after=unreachable, branch=branch, of_many=called_name(chain[-1]) in _OF_MANY
    )


def _around(call: ast.Call, scopes: Scopes) -> tuple[int | None, int | None, int | None]:
    """Return the lines of the loop and the branch around a call in its function, and of what always leaves before it."""
    branch = unreachable = None
    node: ast.AST = call
    while (parent := scopes.parent(node)) is not None:
        if unreachable is None:
            unreachable = _left_before(node, parent)
        if isinstance(parent, ast.If) and branch is None and node is not parent.test:
            branch = parent.lineno
        if isinstance(parent, (*_LOOPS, ast.comprehension, ast.ListComp, ast.GeneratorExp)):
            return parent.lineno if hasattr(parent, "lineno") else call.lineno, branch, unreachable
        if isinstance(parent, _FUNCTIONS):
            break
        node = parent
    return None, branch, unreachable


def _left_before(node: ast.AST, parent: ast.AST) -> int | None:
    for field in ("body", "orelse", "finalbody"):
        block = getattr(parent, field, None)
        if isinstance(block, list) and node in block:
            before = block[: block.index(node)]
            return next((each.lineno for each in before if isinstance(each, _LEAVES)), None)
    return None
