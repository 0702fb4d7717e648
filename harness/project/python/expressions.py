"""What an expression of Python code comes to, as far as its text alone tells.

Values that can't be told are `UNKNOWN`; in a text, `HOLE` stands in their place, so that `f"GRP#{uuid}"` still begins
with `GRP#`. The current year is kept apart, since code that asks by it changes its mind on 1 January.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, Final, Protocol


class Scopes(Protocol):
    """What names stand for; see `harness.project.python.scopes`."""

    def value_of(self, name: ast.Name, depth: int) -> Any:
        """Return the value of a name where it is used."""

    def value_of_attribute(self, node: ast.Attribute, depth: int) -> Any:
        """Return the value of `self.table`."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the code alone does not tell."""


@dataclass(frozen=True, slots=True)
class CurrentYear:
    """The year of the clock, as a number."""


@dataclass(frozen=True, slots=True)
class Now:
    """An instant out of the clock."""


UNKNOWN: Final = Unknown()
#: Private-use characters: no code has them.
HOLE: Final = "\ue000"
YEAR: Final = "\ue001"

_CLOCK = frozenset({"now", "utcnow", "today"})
#: Methods that take nothing away from the beginning of an instant.
_SAME_INSTANT = frozenset({"astimezone", "replace", "date"})
_DEEPEST = 25


def evaluate(  # noqa: C901, PLR0911 - one case for each kind of expression
    node: ast.AST | None, scopes: Scopes, depth: int = 0
) -> Any:
    """Return the value: plain Python data, with `UNKNOWN` and `HOLE` where it can't be told."""
    if node is None or depth > _DEEPEST:
        return UNKNOWN
    deeper = depth + 1
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return scopes.value_of(node, deeper)
        case ast.JoinedStr():
            return "".join(text_of(part, scopes, deeper) for part in node.values)
        case ast.FormattedValue(value=value, format_spec=spec):
            return evaluate(value, scopes, deeper) if spec is None else _formatted(value, spec, scopes, deeper)
        case ast.Dict():
            return _dictionary(node, scopes, deeper)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [evaluate(part, scopes, deeper) for part in parts]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = evaluate(operand, scopes, deeper)
            return -value if isinstance(value, int | float) else UNKNOWN
        case ast.BinOp():
            return _operation(node, scopes, deeper)
        case ast.Attribute():
            return _attribute(node, scopes, deeper)
        case ast.Subscript():
            return _part(node, scopes, deeper)
        case ast.Call():
            return _call(node, scopes, deeper)
    return UNKNOWN


def text_of(node: ast.AST, scopes: Scopes, depth: int = 0) -> str:
    """Return what `str()` of the value is, with a hole where it can't be told."""
    return _text(evaluate(node, scopes, depth))


def _text(value: Any) -> str:
    if isinstance(value, CurrentYear):
        return YEAR
    if isinstance(value, Now):
        return YEAR + HOLE
    return str(value) if isinstance(value, str | int | float) else HOLE


def _formatted(value: ast.AST, spec: ast.AST, scopes: Scopes, depth: int) -> str:
    """Return a part of an f-string that has a format: of an instant, `%Y` is the year."""
    instant = isinstance(evaluate(value, scopes, depth), Now)
    return _year_of_format(text_of(spec, scopes, depth)) if instant else HOLE


def _dictionary(node: ast.Dict, scopes: Scopes, depth: int) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            merged = evaluate(value, scopes, depth)
            found |= merged if isinstance(merged, dict) else {UNKNOWN: UNKNOWN}
            continue
        name = evaluate(key, scopes, depth)
        found[name if isinstance(name, str | int) else UNKNOWN] = evaluate(value, scopes, depth)
    return found


def _operation(node: ast.BinOp, scopes: Scopes, depth: int) -> Any:
    left, right = evaluate(node.left, scopes, depth), evaluate(node.right, scopes, depth)
    match node.op:
        case ast.Add() if isinstance(left, str) or isinstance(right, str):
            return _text(left) + _text(right)
        case ast.Add() if isinstance(left, list) and isinstance(right, list):
            return left + right
        case ast.BitOr() if isinstance(left, dict) and isinstance(right, dict):
            return left | right
        case ast.Mod() if isinstance(left, str):
            return _percent(left, right)
        case ast.Add() | ast.Sub() if isinstance(left, Now):
            return left
    return UNKNOWN


def _percent(pattern: str, values: Any) -> str:
    """Return `"GRP#%s" % uuid`."""
    pieces = pattern.split("%s")
    given = values if isinstance(values, list) else [values] * (len(pieces) - 1)
    texts = [*map(_text, given), *[HOLE] * len(pieces)]
    return "".join(piece + text for piece, text in zip(pieces, [*texts[: len(pieces) - 1], ""], strict=True))


def _attribute(node: ast.Attribute, scopes: Scopes, depth: int) -> Any:
    value = evaluate(node.value, scopes, depth)
    if node.attr == "year" and isinstance(value, Now):
        return CurrentYear()
    return scopes.value_of_attribute(node, depth)


def _part(node: ast.Subscript, scopes: Scopes, depth: int) -> Any:
    value = evaluate(node.value, scopes, depth)
    if isinstance(node.slice, ast.Slice):
        upper = evaluate(node.slice.upper, scopes, depth)
        begins = node.slice.lower is None or evaluate(node.slice.lower, scopes, depth) == 0
        is_year = isinstance(value, str) and value.startswith(YEAR) and begins and upper == len("2026")
        return YEAR if is_year else UNKNOWN
    key = evaluate(node.slice, scopes, depth)
    if isinstance(value, dict) and isinstance(key, str | int):
        return value.get(key, UNKNOWN)
    return (
        value[key] if isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value) else UNKNOWN
    )


def _call(node: ast.Call, scopes: Scopes, depth: int) -> Any:  # noqa: PLR0911 - one case for each function
    arguments = node.args
    match node.func:
        case ast.Name(id="str") if len(arguments) == 1:
            return text_of(arguments[0], scopes, depth)
        case ast.Name(id="dict") if not arguments:
            return {each.arg or UNKNOWN: evaluate(each.value, scopes, depth) for each in node.keywords}
        case ast.Attribute(attr=name) if name in _CLOCK:
            return Now()
        case ast.Attribute(value=value, attr=name) if name in _SAME_INSTANT:
            whole = evaluate(value, scopes, depth)
            return whole if isinstance(whole, Now) else UNKNOWN
        case ast.Attribute(value=value, attr="isoformat") if isinstance(evaluate(value, scopes, depth), Now):
            return YEAR + HOLE
        case ast.Attribute(value=value, attr="strftime") if arguments:
            pattern = evaluate(arguments[-1], scopes, depth)
            return _year_of_format(pattern) if isinstance(pattern, str) and _from_clock(value, scopes, depth) else HOLE
        case ast.Attribute(value=value, attr="format"):
            return _braces(evaluate(value, scopes, depth), [text_of(each, scopes, depth) for each in arguments])
    return UNKNOWN


def _from_clock(value: ast.AST, scopes: Scopes, depth: int) -> bool:
    """Tell whether `strftime` is of an instant out of the clock; `time.strftime` always is."""
    return isinstance(evaluate(value, scopes, depth), Now) or (isinstance(value, ast.Name) and value.id == "time")


def _year_of_format(pattern: str) -> str:
    return YEAR if pattern == "%Y" else YEAR + HOLE if pattern.startswith("%Y") else HOLE


def _braces(pattern: Any, texts: list[str]) -> Any:
    """Return `"GRP#{}".format(uuid)`."""
    if not isinstance(pattern, str):
        return UNKNOWN
    pieces = pattern.split("{}")
    filled = [*texts, *[HOLE] * len(pieces)]
    return "".join(piece + text for piece, text in zip(pieces, [*filled[: len(pieces) - 1], ""], strict=True))
