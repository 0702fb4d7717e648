"""What a Query asks for: its key condition, from code, from boto3's `Key(…)`, or as it went out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NAME = r"(#?[A-Za-z_][\w.-]*)"
_VALUE = r"(:[\w-]+)"
_COMPARED = re.compile(rf"{_NAME}\s*(=|<=|>=|<|>)\s*{_VALUE}")
_BEGINS = re.compile(rf"begins_with\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\)", re.IGNORECASE)
_BETWEEN = re.compile(rf"{_NAME}\s+between\s+{_VALUE}\s+and\s+{_VALUE}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Condition:
    """One attribute compared with a value."""

    attribute: str
    #: `=`, `<`, `<=`, `>`, `>=`, `begins_with`, `between`.
    operator: str
    #: Text or number; `expressions.UNKNOWN` where it can't be told.
    value: Any


def key_conditions(parameters: Mapping[Any, Any]) -> tuple[Condition, ...]:
    """Return the conditions of `KeyConditionExpression`; () where they can't be told."""
    expression = parameters.get("KeyConditionExpression")
    if isinstance(expression, list):
        return tuple(each for each in expression if isinstance(each, Condition))
    if not isinstance(expression, str):
        return ()
    names = _mapping(parameters.get("ExpressionAttributeNames"))
    values = _mapping(parameters.get("ExpressionAttributeValues"))

    def condition(name: str, operator: str, value: str) -> Condition:
        return Condition(str(names.get(name, name)), operator, plain(values.get(value)))

    return (
        *(condition(found[1], found[2], found[3]) for found in _COMPARED.finditer(expression)),
        *(condition(found[1], "begins_with", found[2]) for found in _BEGINS.finditer(expression)),
        *(condition(found[1], "between", found[2]) for found in _BETWEEN.finditer(expression)),
    )


def plain(value: Any) -> Any:
    """Return what a value in DynamoDB JSON holds: `{"S": "x"}` is x; any other value is itself."""
    if isinstance(value, Mapping) and len(value) == 1:
        [(kind, inner)] = value.items()
        return inner if kind in {"S", "N"} else value
    return value


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}
