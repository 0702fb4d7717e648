"""How a script works out its timestamps: from the clock, how far from it, with an offset or without."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Scopes
    from harness.project.source import Source

_UNITS = {"weeks": 604800.0, "days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0, "milliseconds": 1e-3}
_POSITIONS = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
_DEEPEST = 8
#: Names behind names in a number; each may stand there several times.
_DEEPEST_IN_A_NUMBER = 3
#: Year, month and day; or all parts and the time zone.
_FEWEST_OF_A_DATE, _ALL_OF_A_DATE = 3, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What an expression that is an instant comes to."""

    #: From the clock, or a fixed date.
    clock: bool
    aware: bool
    #: Seconds that are always added.
    shift: float = 0.0
    #: Seconds that are added for each step of a variable; 0 where there is none.
    slope: float = 0.0
    #: Of the expression in which the variable is added; else of the clock or date.
    line: int
    #: Of the call of the clock, or of the date.
    begin: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A timestamp made into text: `.isoformat()`."""

    moment: Moment
    line: int


@lru_cache(maxsize=256)
def moments(source: Source) -> tuple[Moment, ...]:
    """Return the instants that a file works out with a variable in them: `now + timedelta(minutes=i)`."""
    scopes = scopes_of(source)
    nodes = ast.walk(scopes.tree) if scopes else ()
    found = [
        moment
        for node in nodes
        if isinstance(node, ast.BinOp) and scopes and (moment := _moment(node, scopes)) is not None
    ]
    found += _stepped(scopes) if scopes else ()
    longest = {moment.line: moment for moment in reversed(found) if moment.slope}
    return tuple(moment for _, moment in sorted(longest.items()))


@lru_cache(maxsize=256)
def made_stamps(source: Source) -> tuple[Made, ...]:
    """Return the timestamps that a file makes into text."""
    scopes = scopes_of(source)
    found: list[Made] = []
    for node in ast.walk(scopes.tree) if scopes else ():
        if scopes is None:
            break
        match node:
            case ast.Call(func=ast.Attribute(attr="isoformat", value=value)):
                pass
            case ast.Call(func=ast.Name(id="str"), args=[value]):
                pass
            case ast.Call(func=ast.Attribute(attr="strftime", value=value), args=[ast.Constant(value=str(form))]):
                if "%H" not in form:
                    continue
                if (moment := _moment(value, scopes)) is not None:
                    has_offset = "%z" in form or form.endswith(("Z", "+00:00"))
                    found.append(Made(moment=replace(moment, aware=has_offset), line=node.lineno))
                continue
            case _:
                continue
        if (moment := _moment(value, scopes)) is not None:
            found.append(Made(moment=moment, line=node.lineno))
    return tuple(sorted(found, key=lambda made: made.line))


def _stepped(scopes: Scopes) -> Iterator[Moment]:
    """Yield what a loop moves on: `at += timedelta(minutes=1)`, where `at` is an instant to begin with."""
    for node in scopes.nodes:
        match node:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub() as op, value=delta):
                base = _begin_of(name, scopes)
                sign = 1 if isinstance(op, ast.Add) else -1
                step = _moved(replace(base, shift=0.0), delta, sign, node, scopes) if base is not None else None
                if base is not None and step is not None and _is_in_loop(node, scopes):
                    yield replace(base, slope=step.shift, line=node.lineno)


def _begin_of(name: str, scopes: Scopes) -> Moment | None:
    """Return what a name that is moved on is assigned in its one assignment."""
    values = [
        node.value
        for node in scopes.nodes
        if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
    ]
    return _moment(values[0], scopes) if len(values) == 1 else None


def _is_in_loop(node: ast.AST, scopes: Scopes) -> bool:
    around = scopes.parent(node)
    while around is not None and not isinstance(around, ast.For | ast.While):
        around = scopes.parent(around)
    return around is not None


def _moment(node: ast.expr, scopes: Scopes, depth: int = 0) -> Moment | None:
    if depth > _DEEPEST:
        return None
    match node:
        case ast.Name():
            assigned = scopes.assigned_to(node)
            return _moment(assigned, scopes, depth + 1) if assigned is not None else None
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            base, delta, sign = _moment(left, scopes, depth + 1), right, 1 if isinstance(op, ast.Add) else -1
            if base is None and isinstance(op, ast.Add):  # timedelta(…) + now
                base, delta = _moment(right, scopes, depth + 1), left
            return _moved(base, delta, sign, node, scopes) if base is not None else None
        case ast.Call():
            return _call(node, scopes, depth)
    return None


def _call(node: ast.Call, scopes: Scopes, depth: int) -> Moment | None:
    match node.func:
        case ast.Name(id="datetime") | ast.Attribute(attr="datetime") if len(node.args) >= _FEWEST_OF_A_DATE:
            aware = len(node.args) == _ALL_OF_A_DATE or any(each.arg == "tzinfo" for each in node.keywords)
            return Moment(clock=False, aware=aware, line=node.lineno, begin=node.lineno)
        case ast.Attribute(attr="now" | "utcnow" | "today" as name, value=value) if _is_datetime(value):
            aware = name == "now" and bool(node.args or node.keywords)
            return Moment(clock=True, aware=aware, line=node.lineno, begin=node.lineno)
        case ast.Attribute(attr="astimezone" | "replace", value=value):
            base = _moment(value, scopes, depth + 1)
            return _in_zone(base, node) if base is not None else None
    return None


def _in_zone(base: Moment, node: ast.Call) -> Moment | None:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "astimezone":
        return replace(base, aware=True)
    names = {each.arg: each.value for each in node.keywords}
    if node.args or names.keys() - {"tzinfo", "microsecond", "second"}:
        return None
    zone = names.get("tzinfo")
    return base if zone is None else replace(base, aware=not (isinstance(zone, ast.Constant) and zone.value is None))


def _is_datetime(node: ast.expr) -> bool:
    return "datetime" in ast.unparse(node).casefold() or ast.unparse(node) in {"dt", "date"}


def _moved(base: Moment, delta: ast.expr, sign: int, node: ast.BinOp | ast.AugAssign, scopes: Scopes) -> Moment | None:
    if isinstance(delta, ast.Name):
        delta = scopes.assigned_to(delta) or delta
    if not (isinstance(delta, ast.Call) and "timedelta" in ast.unparse(delta.func)):
        return None
    parts = [*zip(_POSITIONS, delta.args, strict=False), *((each.arg, each.value) for each in delta.keywords)]
    shift, slope = base.shift, base.slope
    for unit, value in parts:
        seconds = sign * _UNITS.get(unit or "", 0.0)
        constant, step = _linear(value, scopes)
        shift, slope = shift + seconds * constant, slope + seconds * step
    return replace(base, shift=shift, slope=slope, line=node.lineno if slope != base.slope else base.line)


def _linear(node: ast.expr, scopes: Scopes, depth: int = 0) -> tuple[float, float]:  # noqa: PLR0911 - one case each
    """Return a number and what one step of the variable in it adds: `5 * i + 1` is (1, 5)."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value), 0.0
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            constant, step = _linear(operand, scopes, depth)
            return -constant, -step
        case ast.BinOp(left=left, op=op, right=right):
            (a, p), (b, q) = _linear(left, scopes, depth), _linear(right, scopes, depth)
            match op:
                case ast.Add():
                    return a + b, p + q
                case ast.Sub():
                    return a - b, p - q
                case ast.Mult():
                    return a * b, a * q + b * p
                case ast.Div() if b and not q:
                    return a / b, p / b
            return 0.0, 0.0
        case ast.Name() if depth < _DEEPEST_IN_A_NUMBER and (assigned := scopes.assigned_to(node)) is not None:
            constant, step = _linear(assigned, scopes, depth + 1)
            return constant, step or (0.0 if isinstance(assigned, ast.Constant | ast.UnaryOp | ast.BinOp) else 1.0)
    return 0.0, 1.0
