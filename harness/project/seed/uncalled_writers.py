"""Functions of a script that write items, and that nothing calls when it is run."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.python.scopes import scopes_of
from harness.project.seed.item_writes import PUTS, called_name

if TYPE_CHECKING:
    from harness.project.python.scopes import Scopes
    from harness.project.source import Source


@lru_cache(maxsize=256)
def uncalled_writers(source: Source) -> tuple[ast.FunctionDef, ...]:
    """Return the functions that write and that nothing in the file calls or hands on."""
    scopes = scopes_of(source)
    if scopes is None:
        return ()
    reaching = _reaching(scopes)
    asleep = {id(node) for guard in mistaken_guards(source) for node in ast.walk(guard)}
    return tuple(
        node
        for node in scopes.tree.body
        if isinstance(node, ast.FunctionDef) and node.name in reaching and not _is_used(node, scopes, asleep)
    )


def mistaken_guards(source: Source) -> tuple[ast.If, ...]:
    """Return what is like `if __name__ == "__main__":` and never true, since it compares with another text."""
    return tuple(node for node in source.nodes if isinstance(node, ast.If) and _never_true(node.test))


def _never_true(test: ast.expr) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value=value)]):
            return value != "__main__"
        case ast.Compare(left=ast.Constant(value=value), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]):
            return value != "__main__"
    return False


def _is_used(function: ast.FunctionDef, scopes: Scopes, asleep: set[int]) -> bool:
    """Whether a name that may be the function's is read anywhere but in the function itself, or below such a guard."""
    own = {id(node) for node in ast.walk(function)}
    for node in ast.walk(scopes.tree):
        named = (
            node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else getattr(node, "attr", None)
        )
        if named == function.name and id(node) not in own | asleep:
            return True
    return False


def _reaching(scopes: Scopes) -> set[str]:
    """Return the names of the functions that put, themselves or through others of the file."""
    calls = [node for node in ast.walk(scopes.tree) if isinstance(node, ast.Call)]
    names: set[str] = set()
    while True:
        more = {
            function.name
            for call in calls
            if (called_name(call) in PUTS or called_name(call) in names)
            and (function := scopes.function_of(call)) is not None
        }
        if more <= names:
            return names
        names |= more
