"""A second matcher, as plain as can be: flatten the record, then look every rule up in the list of its values.

It reads the pattern's JSON itself and shares no line with the shipped one.
"""

from __future__ import annotations

import json
from typing import Any

Leaves = list[tuple[tuple[str, ...], Any]]


def matches(text: str, data: Any) -> bool:
    leaves: Leaves = []
    flatten(data, (), leaves)
    return holds(json.loads(text), (), leaves)


def flatten(value: Any, path: tuple[str, ...], leaves: Leaves) -> None:
    if isinstance(value, dict):
        for name in value:
            flatten(value[name], (*path, name), leaves)
    elif isinstance(value, list):
        for element in value:
            flatten(element, path, leaves)
    else:
        leaves.append((path, value))


def holds(pattern: Any, path: tuple[str, ...], leaves: Leaves) -> bool:
    if isinstance(pattern, list):
        values = [value for place, value in leaves if place == path]
        return any(rule_holds(rule, values) for rule in pattern)
    outcomes = []
    for name, inner in pattern.items():
        if name == "$or":
            outcomes.append(True in [holds(each, path, leaves) for each in inner])
        else:
            outcomes.append(holds(inner, (*path, name), leaves))
    return False not in outcomes


def rule_holds(rule: Any, values: list[Any]) -> bool:
    if isinstance(rule, dict) and "exists" in rule:
        return bool(values) is rule["exists"]
    return any(value_passes(rule, value) for value in values)


def value_passes(rule: Any, value: Any) -> bool:  # noqa: PLR0911 - one line an operator
    if not isinstance(rule, dict):
        return same(rule, value)
    ((operator, operand),) = rule.items()
    if operator == "anything-but":
        if isinstance(operand, dict):
            ((inner, texts),) = operand.items()
            texts = texts if isinstance(texts, list) else [texts]
            return not any(value_passes({inner: text}, value) for text in texts)
        return not any(same(each, value) for each in (operand if isinstance(operand, list) else [operand]))
    if operator == "numeric":
        pairs = [operand[:2], operand[2:]]
        return number(value) and all(within(pair[0], pair[1], value) for pair in pairs if pair)
    if not isinstance(value, str):
        return False
    if operator == "prefix":
        return bool(value[: len(operand)] == operand)
    if operator == "suffix":
        return bool(value[max(0, len(value) - len(operand)) :] == operand)
    assert operator == "equals-ignore-case"
    return bool(value.lower() == operand.lower())


def same(wanted: Any, value: Any) -> bool:
    if number(wanted) and number(value):
        return bool(wanted == value)
    return type(wanted) is type(value) and wanted == value


def number(value: Any) -> bool:
    return type(value) in (int, float)


def within(comparison: str, limit: float, value: float) -> bool:
    order = "=" if value == limit else "<" if value < limit else ">"
    return order in comparison
