"""Which items a key condition selects, and what an update makes of an item: the common forms, and Unknown for the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.capacity.image import order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.dataset import Item

_CLAUSE = re.compile(
    r"\s*(?:begins_with\s*<\s*(?P<prefixed>[#\w.-]+)\s*,\s*(?P<prefix>:\w+)\s*>"
    r"|(?P<name>[#\w.-]+)\s*(?:(?P<operator><=|>=|=|<|>)\s*(?P<value>:\w+)"
    r"|between\s+(?P<low>:\w+)\s+and\s+(?P<high>:\w+)))\s*(?P<more>and\b|$)",
    re.IGNORECASE,
)
_CALL = re.compile(r"begins_with\s*\(([^)]*)\)", re.IGNORECASE)
_SECTION = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\b", re.IGNORECASE)
_ASSIGNMENT = re.compile(
    r"\s*(?P<name>[#\w-]+)\s*=\s*(?:(?P<value>:\w+)|if_not_exists\s*\(\s*(?P<other>[#\w-]+)\s*,\s*(?P<default>:\w+)\s*\))\s*(?:,|$)",
    re.IGNORECASE,
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


class Unknown(Exception):
    """What a request costs can't be told from it and the items."""


def key_condition(request: Mapping[str, Any]) -> dict[str, Callable[[Mapping[str, Any]], bool]]:
    """Return a test for each key attribute that a Query's condition names; an equality also has its `value`."""
    text = request.get("KeyConditionExpression")
    if text is None:
        raise Unknown("a Query without KeyConditionExpression")
    text = _CALL.sub(r"begins_with<\1>", text).replace("(", " ").replace(")", " ")
    tests: dict[str, Callable[[Mapping[str, Any]], bool]] = {}
    position, more = 0, True
    while more:
        clause = _CLAUSE.match(text, position)
        if clause is None:
            raise Unknown(f"the key condition {request['KeyConditionExpression']!r}")
        name = _name(request, clause["prefixed"] or clause["name"])
        tests[name] = _test(request["ExpressionAttributeValues"], clause)
        position, more = clause.end(), bool(clause["more"])
    return tests


def partition(request: Mapping[str, Any], attribute: str) -> Mapping[str, Any]:
    """Return the value that a Query's condition gives the partition key."""
    text = _CALL.sub("", request["KeyConditionExpression"])
    for found in re.finditer(r"([#\w.-]+)\s*=\s*(:\w+)", text):
        if _name(request, found[1]) == attribute:
            value: Mapping[str, Any] = request["ExpressionAttributeValues"][found[2]]
            return value
    raise Unknown(f"the key condition {request['KeyConditionExpression']!r}")


def updated(before: Item | None, request: Mapping[str, Any]) -> Item:
    """Return the item after an UpdateItem of plain SETs and REMOVEs of whole attributes."""
    item: Item = dict(before if before is not None else request["Key"])
    sections = _SECTION.split(request.get("UpdateExpression", ""))
    for verb, text in zip(sections[1::2], sections[2::2], strict=True):
        if verb.upper() == "REMOVE":
            for name in text.split(","):
                item.pop(_name(request, name.strip()), None)
        elif verb.upper() == "SET":
            _set(item, text, request)
        else:
            raise Unknown(f"the update expression {request['UpdateExpression']!r}")
    return item


def _set(item: Item, text: str, request: Mapping[str, Any]) -> None:
    before, position = dict(item), 0
    while text[position:].strip():
        found = _ASSIGNMENT.match(text, position)
        if found is None:
            raise Unknown(f"the update expression {request['UpdateExpression']!r}")
        values, name = request["ExpressionAttributeValues"], _name(request, found["name"])
        if found["value"]:
            item[name] = values[found["value"]]
        else:
            item[name] = before.get(_name(request, found["other"]), values[found["default"]])
        position = found.end()


def _test(values: Mapping[str, Any], clause: re.Match[str]) -> Callable[[Mapping[str, Any]], bool]:
    if clause["prefix"]:
        prefix = order(values[clause["prefix"]])
        return lambda value: bool(order(value)[: len(prefix)] == prefix)
    if clause["low"]:
        low, high = order(values[clause["low"]]), order(values[clause["high"]])
        return lambda value: bool(low <= order(value) <= high)
    compare, bound = _COMPARISONS[clause["operator"]], order(values[clause["value"]])
    return lambda value: compare(order(value), bound)


def _name(request: Mapping[str, Any], written: str) -> str:
    return str(request.get("ExpressionAttributeNames", {}).get(written, written))
