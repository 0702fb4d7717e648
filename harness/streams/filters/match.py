"""Whether a record, as the handler would see it, has what a pattern asks for.

Only values count that are neither objects nor lists. A list is transparent: each of its elements stands where the list
stands, so a rule passes when any of the values at its place passes. From that follow, where AWS's pages are silent:

* `anything-but` passes for a list with one other element, and for a value of another type. It needs a value, though.
* Two rules below one list may be met by different elements.
* An empty list, an empty object and a missing key are all the same: nothing is there. null is a value.
* Numbers are equal by value: 1, 1.0 and 1e0 are one number; true is none.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from harness.streams.filters.pattern import Fields
from harness.streams.filters.rule import Rule, is_number

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

#: Takes what stands at one place of a record; a list stands for its elements, an empty one for nothing.
Test = Callable[[Any], bool]

_COMPARISONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_NOTHING: list[Any] = []


def compile_fields(fields: Fields) -> Test:
    """Make one function of an object of a pattern; it is called with a record, or with what stands at its place."""
    steps = tuple(
        (name, compile_fields(inner) if isinstance(inner, Fields) else compile_rules(inner))
        for name, inner in fields.fields
    )
    alternatives = tuple(map(compile_fields, fields.alternatives))

    def passes(value: Any) -> bool:
        if isinstance(value, dict):
            for name, step in steps:
                if not step(value.get(name, _NOTHING)):
                    return False
        else:
            inner = [element for element in _spread(value) if isinstance(element, dict)]
            for name, step in steps:
                if not step([element[name] for element in inner if name in element]):
                    return False
        return not alternatives or any(alternative(value) for alternative in alternatives)

    return passes


def compile_rules(rules: tuple[Rule, ...]) -> Test:
    """Make one function of a list of rules, of which one must hold."""
    exact = frozenset(_typed(rule.operand) for rule in rules if rule.operator == "equals")
    others = tuple(_value_test(rule) for rule in rules if rule.operator not in ("equals", "exists"))
    presence = {rule.operand for rule in rules if rule.operator == "exists"}
    if_present, if_absent = True in presence, False in presence

    def holds(value: Any) -> bool:
        return if_present or _typed(value) in exact or any(test(value) for test in others)

    def passes(value: Any) -> bool:
        if isinstance(value, list):
            leaves = [element for element in _spread(value) if not isinstance(element, dict)]
            return any(map(holds, leaves)) if leaves else if_absent
        return if_absent if isinstance(value, dict) else holds(value)

    return passes


def _spread(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _spread(element)
    else:
        yield value


def _typed(value: Any) -> Hashable:
    """Python takes True for 1; JSON doesn't."""
    if isinstance(value, str):
        return value
    return (isinstance(value, bool), value)


def _value_test(rule: Rule) -> Callable[[Any], bool]:
    match rule.operator:
        case "numeric":
            limits = [(_COMPARISONS[bound.comparison], bound.number) for bound in rule.operand]
            return lambda value: is_number(value) and all(compare(value, number) for compare, number in limits)
        case "anything-but":
            excluded = compile_rules(rule.operand)
            return lambda value: not excluded(value)
        case _:
            test = _text_test(rule)
            return lambda value: isinstance(value, str) and test(value)


def _text_test(rule: Rule) -> Callable[[str], bool]:
    if isinstance(rule.operand, Rule):
        folded = rule.operand.operand.casefold()
        plain = _text_test(Rule(operator=rule.operator, operand=folded))
        return lambda text: plain(text.casefold())
    match rule.operator:
        case "prefix":
            return lambda text: text.startswith(rule.operand)
        case "suffix":
            return lambda text: text.endswith(rule.operand)
        case "equals-ignore-case":
            folded = rule.operand.casefold()
            return lambda text: text.casefold() == folded
        case "wildcard":
            shape = re.compile(_wildcard_regex(rule.operand), re.DOTALL)
            return lambda text: shape.fullmatch(text) is not None
        case "cidr":
            network = ip_network(rule.operand, strict=False)
            return lambda text: (address := _address(text)) is not None and address in network
    raise ValueError(f"no operator: {rule.operator}")


def _wildcard_regex(wildcard: str) -> str:
    parts = re.findall(r"\\.|\*|[^\\*]+", wildcard, re.DOTALL)
    return "".join(".*" if part == "*" else re.escape(part.removeprefix("\\")) for part in parts)


def _address(text: str) -> Any:
    try:
        return ip_address(text)
    except ValueError:
        return None
