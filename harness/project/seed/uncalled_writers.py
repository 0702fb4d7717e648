"""Functions of a script that write items, and that nothing calls."""

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
    used = {node.id for node in ast.walk(scopes.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    used |= {node.attr for node in ast.walk(scopes.tree) if isinstance(node, ast.Attribute)}
    reaching = _reaching(scopes)
    return tuple(
        node
        for node in scopes.tree.body
        if isinstance(node, ast.FunctionDef) and node.name not in used and node.name in reaching
    )


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
