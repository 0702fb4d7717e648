"""One test of a pattern: what may stand in the list below a key.

Grammar: the filter rule syntax of the Lambda developer guide ("Control which events Lambda sends to your function").
Where that page is silent, this follows what EventBridge refused in recordings, since its matcher has the same grammar:

* A range is a lower bound (`>`, `>=`) and then an upper one (`<`, `<=`), and the lower one is the smaller number.
  `=` stands alone.
* `anything-but` takes text, a number, a list of either (not mixed, not empty), or one of prefix, suffix,
  equals-ignore-case and wildcard with a text or a list of texts. null, true and false are refused.
* Numbers of any size are taken; EventBridge's limit of 5e9 has changed over time, so it is only cautioned about.
* What EventBridge has and Lambda's page doesn't name (wildcard, cidr, prefix and suffix without regard to case) is
  taken, and cautioned about.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from math import isfinite
from reprlib import repr as shown
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_LOWER, _UPPER = (">", ">="), ("<", "<=")


class InvalidRule(ValueError):
    """A rule that can't be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Half of a numeric range."""

    #: `=`, `<`, `<=`, `>` or `>=`.
    comparison: str
    number: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A test of a single value."""

    #: `equals`, or an operator under AWS's name.
    operator: str
    #: equals: text, number, true, false or null. numeric: one or two `Bound`s. anything-but: the `Rule`s of which none
    #: may hold. exists: whether. prefix, suffix: text, or a `Rule` that ignores case. All others: text.
    operand: Any


def parse_rule(value: Any) -> Rule:
    """Turn an element of a rule list, as parsed JSON, into a rule, or raise `InvalidRule`."""
    if isinstance(value, dict):
        if len(value) != 1:
            raise InvalidRule(f"a rule has one operator, this one has {_listed(value) or 'none'}")
        ((operator, operand),) = value.items()
        if operator not in _OPERANDS:
            raise InvalidRule(f'there is no operator "{operator}"; there are {_listed(_OPERANDS)}')
        return Rule(operator=operator, operand=_OPERANDS[operator](operand, operator))
    if isinstance(value, list):
        raise InvalidRule("a list can't stand in a list of rules")
    return Rule(operator="equals", operand=_finite(value))


def is_number(value: Any) -> bool:
    """Whether JSON calls it a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(operand: Any, operator: str) -> str:
    if not isinstance(operand, str):
        raise InvalidRule(f"{operator} takes a text, not {shown(operand)}")
    return operand


def _edge(operand: Any, operator: str) -> str | Rule:
    if isinstance(operand, dict) and list(operand) == ["equals-ignore-case"]:
        return parse_rule(operand)
    return _text(operand, operator)


def _truth(operand: Any, operator: str) -> bool:
    if not isinstance(operand, bool):
        raise InvalidRule(f"{operator} takes true or false, not {shown(operand)}")
    return operand


def _anything_but(operand: Any, operator: str) -> tuple[Rule, ...]:
    if isinstance(operand, dict):
        return _no_such_text(operand, operator)
    values = operand if isinstance(operand, list) else [operand]
    if not values or not (all(isinstance(value, str) for value in values) or all(map(is_number, values))):
        raise InvalidRule(f"{operator} takes texts or numbers, one or a list of one kind, not {shown(operand)}")
    return tuple(map(parse_rule, values))


def _no_such_text(operand: dict[str, Any], operator: str) -> tuple[Rule, ...]:
    inner = next(iter(operand), None)
    if len(operand) != 1 or inner not in _NEGATED:
        raise InvalidRule(f"{operator} takes one of {_listed(_NEGATED)}, not {_listed(operand) or 'none'}")
    texts = operand[inner] if isinstance(operand[inner], list) else [operand[inner]]
    if not texts or (inner in ("prefix", "suffix") and "" in texts):
        raise InvalidRule(f"{operator} with {inner} takes a text that is not empty, or a list of such")
    return tuple(Rule(operator=inner, operand=_NEGATED[inner](text, inner)) for text in texts)


def _numeric(operand: Any, operator: str) -> tuple[Bound, ...]:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise InvalidRule(f'{operator} takes a list such as [">", 0] or [">", 0, "<=", 10], not {shown(operand)}')
    bounds = tuple(_bound(*pair) for pair in zip(operand[::2], operand[1::2], strict=True))
    if len(bounds) > 1:
        low, high = bounds
        if low.comparison not in _LOWER or high.comparison not in _UPPER:
            raise InvalidRule(
                f"a range is a lower bound (> or >=) and then an upper one (< or <=), not {shown(operand)}"
            )
        if low.number >= high.number:
            raise InvalidRule(f"nothing lies between {low.number} and {high.number}")
    return bounds


def _bound(comparison: Any, number: Any) -> Bound:
    if comparison not in ("=", *_LOWER, *_UPPER):
        raise InvalidRule(f"there is no comparison {shown(comparison)}; there are =, <, <=, > and >=")
    if not is_number(number):
        raise InvalidRule(f"{comparison} takes a number, not {shown(number)}")
    return Bound(comparison=comparison, number=_finite(number))


def _wildcard(operand: Any, operator: str) -> str:
    plain = _text(operand, operator).replace("\\\\", "").replace("\\*", "")
    if "\\" in plain or "**" in plain:
        raise InvalidRule(f"{operator} takes no ** and a backslash only before * or another, not {shown(operand)}")
    return _text(operand, operator)


def _network(operand: Any, operator: str) -> str:
    text = _text(operand, operator)
    if "/" not in text:
        raise InvalidRule(f"{operator} takes a network such as 10.0.0.0/24, not {shown(operand)}")
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise InvalidRule(str(error)) from error
    return text


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        raise InvalidRule("the number is too large")
    return value


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


_OPERANDS: dict[str, Callable[[Any, str], Any]] = {
    "prefix": _edge,
    "suffix": _edge,
    "equals-ignore-case": _text,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "exists": _truth,
    "wildcard": _wildcard,
    "cidr": _network,
}
_NEGATED: dict[str, Callable[[Any, str], Any]] = {
    "prefix": _text,
    "suffix": _text,
    "equals-ignore-case": _text,
    "wildcard": _wildcard,
}
