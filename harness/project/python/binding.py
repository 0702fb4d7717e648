"""Which argument of a call goes to which parameter of a function, as Python binds them (reference, 6.3.4 Calls)."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.project.python.scopes import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What a call comes to."""

    #: By parameter; what `*args` and `**kwargs` of the function take is not among them.
    values: Mapping[str, ast.expr] = field(default_factory=dict)
    #: Why Python refuses the call, as its TypeError says it; empty where it takes it.
    refusal: str = ""


def first_is_given(function: Function, *, on_instance: bool) -> bool | None:
    """Whether Python itself gives the function its first argument; None where a decorator makes that, or more, unknown.

    `on_instance` is a call such as `self.list_messages(…)`; on its class a plain function is given nothing.
    """
    names = [each.id if isinstance(each, ast.Name) else "" for each in function.decorator_list]
    if not names:
        return on_instance
    return {"staticmethod": False, "classmethod": True}.get(names[0]) if len(names) == 1 else None


def bind(function: Function, call: ast.Call, *, first_given: bool) -> Bound | None:
    """Bind the call's arguments; None where they can't be told, as with `*args` or `**kwargs` in the call."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
        return None
    given = function.args
    ordered = [each.arg for each in (*given.posonlyargs, *given.args)]
    by_name = {each.arg for each in (*given.args, *given.kwonlyargs)}
    places = ordered[1:] if first_given else ordered
    if first_given and not ordered and given.vararg is None:
        return Bound(refusal="takes no arguments, and is given its object")
    values: dict[str, ast.expr] = dict(zip(places, call.args, strict=False))
    if len(call.args) > len(places) and given.vararg is None:
        return Bound(values=values, refusal=f"takes {_counted(len(places))}, and is given {len(call.args)}")
    for keyword in call.keywords:
        name = str(keyword.arg)
        if name in by_name and (name in values or (first_given and name == ordered[0])):
            return Bound(values=values, refusal=f"is given {name} twice, by its place and by its name")
        if name in by_name:
            values[name] = keyword.value
        elif given.kwarg is None:
            return Bound(values=values, refusal=f"has no parameter {name}")
    lacking = [
        name for name in (*places, *(each.arg for each in given.kwonlyargs)) if name in _needed(given) - values.keys()
    ]
    return Bound(values=values, refusal=f"is not given {' and '.join(lacking)}" if lacking else "")


def _needed(given: ast.arguments) -> set[str]:
    """Return the parameters that have no default."""
    ordered = [each.arg for each in (*given.posonlyargs, *given.args)]
    named = (each.arg for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None)
    return {*ordered[: len(ordered) - len(given.defaults)], *named}


def _counted(count: int) -> str:
    return f"{count} argument{'' if count == 1 else 's'} by position"
