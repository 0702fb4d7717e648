"""Names that a Python file uses and that nothing in it ever binds."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.project.source import Source

_GIVEN = frozenset(dir(builtins)) | {"__file__", "__name__", "__doc__", "__package__", "__spec__", "__path__"}
_TYPE_PARAMETERS = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})


def undefined_names(source: Source) -> tuple[ast.Name, ...]:
    """Return the uses of such names, in order; none where a star import may bind anything."""
    tree = source.tree
    if tree is None:
        return ()
    nodes = source.nodes
    bound = {name for node in nodes for name in _bound_by(node)}
    if "*" in bound or _makes_names(nodes):
        return ()
    unread = _annotations(nodes)
    used = [
        node
        for node in nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in unread
    ]
    return tuple(
        sorted(
            (name for name in used if name.id not in bound | _GIVEN),
            key=lambda name: (name.lineno, name.col_offset),
        )
    )


def _annotations(nodes: Sequence[ast.AST]) -> set[int]:
    """Return the nodes of annotations where Python does not look at them: below `from __future__ import annotations`."""
    if not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in nodes):
        return set()
    found = (getattr(node, name, None) for node in nodes for name in ("annotation", "returns"))
    return {id(part) for each in found if isinstance(each, ast.AST) for part in ast.walk(each)}


def bound_names(tree: ast.Module) -> frozenset[str]:
    """Return every name that is bound anywhere in the file."""
    return frozenset(name for node in ast.walk(tree) for name in _bound_by(node))


def _makes_names(nodes: Sequence[ast.AST]) -> bool:
    """Tell whether names may come about otherwise, or a missing one is expected."""
    ways = {"globals", "exec", "locals", "vars", "NameError"}
    return any(isinstance(node, ast.Name) and node.id in ways for node in nodes)


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.arg(arg=name):
            yield name
        case ast.alias(name=name, asname=as_name):
            yield as_name or name.partition(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.AST() if type(node).__name__ in _TYPE_PARAMETERS:  # Python 3.12 and later
            yield str(getattr(node, "name", ""))
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
