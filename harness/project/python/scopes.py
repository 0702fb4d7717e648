"""Which value a name has in a Python file: what was assigned to it where it is used."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.project.python.expressions import UNKNOWN, evaluate

if TYPE_CHECKING:
    from harness.project.source import Source

#: Where names are assigned to: a function, a class, or the file itself.
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
Function = ast.FunctionDef | ast.AsyncFunctionDef
_LONGEST = 10_000
_SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class _Assigned:
    """One assignment: `value` is None where it is none that can be told (a loop, `with`, `+=`)."""

    value: ast.expr | None
    line: int
    #: Whether it stands in an `if`, a loop or a `try`.
    conditional: bool


@dataclass(slots=True, eq=False)
class Scopes:
    """The names of one file."""

    tree: ast.Module
    #: All of the tree's, outer ones first.
    nodes: tuple[ast.AST, ...] = field(init=False)
    _parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    _assigned: dict[tuple[ast.AST, str], list[_Assigned]] = field(default_factory=lambda: defaultdict(list))
    _parts: dict[tuple[ast.AST, str], list[tuple[ast.expr, ast.expr]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _calls: dict[str, list[ast.Call]] = field(default_factory=lambda: defaultdict(list))
    _attributes: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    #: Values by their expression; one that is being worked out is `UNKNOWN`, so that nothing goes in circles.
    _values: dict[ast.expr, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = tuple(ast.walk(self.tree))
        for node in self.nodes:
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
        for node in self.nodes:
            self._note(node)

    def scope_of(self, node: ast.AST) -> Scope:
        """Return the function, class or file that a node stands in."""
        parent = self._parents.get(node)
        while parent is not None and not isinstance(parent, _SCOPES):
            parent = self._parents.get(parent)
        return parent if isinstance(parent, _SCOPES) else self.tree

    def function_of(self, node: ast.AST) -> Function | None:
        """Return the function or method that a node stands in; None at the file's own level."""
        scope: ast.AST = node
        while not isinstance(scope, ast.Module):
            scope = self.scope_of(scope)
            if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
                return scope
        return None

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node around it."""
        return self._parents.get(node)

    def value_of(self, name: ast.Name, depth: int = 0) -> Any:
        """Return what the name stands for at the place where it is used."""
        scope: ast.AST = name
        while not isinstance(scope, ast.Module):
            scope = self.scope_of(scope)
            if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef) and _parameter(scope, name.id) is not None:
                return self._argument(scope, name.id, depth)
            assigned = self._assigned.get((scope, name.id))
            if assigned:
                return self._with_parts(scope, name.id, self._latest_for(name, scope, assigned), depth)
        return UNKNOWN

    def assigned_to(self, name: ast.Name) -> ast.expr | None:
        """Return the expression that the name was last assigned."""
        scope: ast.AST = name
        while not isinstance(scope, ast.Module):
            scope = self.scope_of(scope)
            if assigned := self._assigned.get((scope, name.id)):
                return self._latest_for(name, scope, assigned)
        return None

    def _latest_for(self, name: ast.Name, scope: ast.AST, assigned: list[_Assigned]) -> ast.expr | None:
        others = [each for each in assigned if each.value is None or not _holds(each.value, name)]
        return _latest(others, name.lineno if scope is self.scope_of(name) else None)

    def value_of_attribute(self, node: ast.Attribute, depth: int = 0) -> Any:
        """Return the value of `self.table` or `Ddb.table`, where the file has one assignment to such an attribute."""
        if not isinstance(node.value, ast.Name):
            return UNKNOWN
        found = self._attributes.get(node.attr, [])
        return self._known(found[0], depth) if len(found) == 1 else UNKNOWN

    def _known(self, value: ast.expr | None, depth: int) -> Any:
        if value is None:
            return UNKNOWN
        if value not in self._values:
            self._values[value] = UNKNOWN
            known = evaluate(value, self, depth)
            # Texts that are doubled line by line would fill the memory.
            self._values[value] = known[:_LONGEST] if isinstance(known, str | list) else known
        return self._values[value]

    def _with_parts(self, scope: ast.AST, name: str, value: ast.expr | None, depth: int) -> Any:
        """Add what is set later on: `params["Limit"] = 20`."""
        whole = self._known(value, depth)
        if not isinstance(whole, dict):
            return whole
        added: dict[Any, Any] = {}
        for key, part in self._parts.get((scope, name), ()):
            known = self._known(key, depth)
            if isinstance(known, dict):
                added |= known
            elif isinstance(known, str | int):
                added[known] = self._known(part, depth)
        return whole | added

    def _argument(self, function: Function, name: str, depth: int) -> Any:
        """Return what the one call of the function in this file hands over."""
        calls = self._calls.get(function.name, [])
        if len(calls) != 1 or function is self.function_of(calls[0]):
            return UNKNOWN
        call = calls[0]
        for keyword in call.keywords:
            if keyword.arg == name:
                return self._known(keyword.value, depth)
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        if names[:1] == ["self"] or names[:1] == ["cls"]:
            names = names[1:]
        if name not in names or any(isinstance(each, ast.Starred) for each in call.args):
            return UNKNOWN
        position = names.index(name)
        return self._known(call.args[position], depth) if position < len(call.args) else UNKNOWN

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._note_target(target, value, node)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                self._note_target(target, value, node)
            case ast.AugAssign(target=target) | ast.For(target=target) | ast.comprehension(target=target):
                self._note_target(target, None, node)
            case ast.withitem(optional_vars=ast.expr() as target, context_expr=value):
                self._note_target(target, value, target)
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
                self._calls[name].append(node)
                self._note_update(node, name)

    def _note_target(self, target: ast.expr, value: ast.expr | None, node: ast.AST) -> None:
        scope = self.scope_of(node)
        match target:
            case ast.Name(id=name):
                line = getattr(node, "lineno", getattr(target, "lineno", 0))
                conditional = not isinstance(node, ast.expr) and self._parents.get(node) is not scope
                self._assigned[scope, name].append(_Assigned(value, line, conditional))
                if isinstance(scope, ast.ClassDef) and value is not None:
                    self._attributes[name].append(value)
            case ast.Attribute(attr=name) if value is not None:
                self._attributes[name].append(value)
            case ast.Subscript(value=ast.Name(id=name), slice=key) if value is not None:
                self._parts[scope, name].append((key, value))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                values = (
                    value.elts
                    if isinstance(value, ast.Tuple) and len(value.elts) == len(parts)
                    else [None] * len(parts)
                )
                for part, its in zip(parts, values, strict=True):
                    self._note_target(part, its, node)

    def _note_update(self, node: ast.Call, name: str) -> None:
        """Note `params.update({...})` as parts of `params`."""
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if name == "update" and isinstance(receiver, ast.Name) and len(node.args) == 1:
            self._parts[self.scope_of(node), receiver.id].append((node.args[0], node.args[0]))


@lru_cache(maxsize=512)
def scopes_of(source: Source) -> Scopes | None:
    """Return the names of a Python file; None where it can't be read."""
    return Scopes(source.tree) if source.tree is not None else None


def _parameter(function: Function, name: str) -> ast.arg | None:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return next((each for each in every if each is not None and each.arg == name), None)


def _alike(values: list[ast.expr | None]) -> bool:
    """Tell whether all are written alike."""
    try:
        return len(values) == 1 or len({ast.dump(each) if each is not None else "" for each in values}) == 1
    except RecursionError:  # a sum of a thousand parts
        return False


def _holds(value: ast.expr, name: ast.Name) -> bool:
    """Tell whether the name stands in the value: `items = list(items)` tells nothing of the second `items`."""
    begin, end = (value.lineno, value.col_offset), (value.end_lineno or 0, value.end_col_offset or 0)
    return begin <= (name.lineno, name.col_offset) < end


def _latest(assigned: list[_Assigned], line: int | None) -> ast.expr | None:
    """Return the value of the last assignment before a line; None where two branches differ.

    Without a line the use runs at some later time, and there must be one value only.
    """
    before = assigned if line is None else [each for each in assigned if each.line <= line] or assigned
    if not before:
        return None
    last = max(before, key=lambda each: each.line)
    certain = (line is not None and not last.conditional) or _alike([each.value for each in before])
    return last.value if certain else None
