"""Typed values of DynamoDB: how they are stored, and what can't be one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from harness.streams.event import canonical_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.dataset import Item

#: DynamoDB developer guide, "Supported data types" and "Service, account, and table quotas".
_DIGITS, _LOWEST, _HIGHEST, _LEVELS = 38, -130, 125, 32
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?0*[0-9]{1,3})?")
_IN_WORDS = {
    "S": "a text",
    "N": "a number in quotes, of 38 digits at most",
    "BOOL": "true or false",
    "NULL": "true",
    "L": "a list of typed values",
    "M": "an object of typed values",
}


def canonical(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """Return an item as DynamoDB keeps it: numbers plain, sets in order. Two items are equal when these are."""
    return {name: _canonical(value) for name, value in item.items()}


def _canonical(value: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    kept = content
    match kind:
        case "N":
            kept = canonical_number(content)
        case "NS":
            kept = sorted(map(canonical_number, content), key=Decimal)
        case "SS" | "BS":
            kept = sorted(content)
        case "L":
            kept = [_canonical(element) for element in content]
        case "M":
            kept = canonical(content)
    return {kind: kept}


def complaints(item: Any, path: str, *, is_binary: Callable[[Any], bool]) -> Iterator[str]:
    """Say of everything in an item, key or image that DynamoDB would not take: where it is, and what it should be."""
    if not isinstance(item, dict):
        yield f"{path} should be an object of typed values, and is {brief(item)}"
        return
    for name, value in item.items():
        yield from _complaints(value, f"{path}.{name}", is_binary, 1)


def _complaints(value: Any, path: str, is_binary: Callable[[Any], bool], level: int) -> Iterator[str]:
    if not isinstance(value, dict) or len(value) != 1:
        yield f'{path} should be one typed value, such as {{"S": "text"}}, and is {brief(value)}'
        return
    if level > _LEVELS:
        yield f"{path} is nested deeper than {_LEVELS} levels"
        return
    ((kind, content),) = value.items()
    below: Iterator[tuple[str, Any]] = iter(())
    if kind in {"SS", "NS", "BS"}:
        yield from _set_complaints(kind, content, path, is_binary)
    elif kind == "L" and isinstance(content, list):
        below = ((f"{path}.L[{place}]", element) for place, element in enumerate(content))
    elif kind == "M" and isinstance(content, dict):
        below = ((f"{path}.M.{name}", element) for name, element in content.items())
    elif kind != "B" and kind not in _IN_WORDS:
        yield f"{path} has the type {brief(kind)}, which DynamoDB doesn't know"
    elif not _is_scalar(kind, content, is_binary):
        yield f"{path}.{kind} should be {_IN_WORDS.get(kind, 'binary data')}, and is {brief(content)}"
    for place, element in below:
        yield from _complaints(element, place, is_binary, level + 1)


def _set_complaints(kind: str, content: Any, path: str, is_binary: Callable[[Any], bool]) -> Iterator[str]:
    if not isinstance(content, list) or not content:
        yield f"{path}.{kind} should be a list of at least one, and is {brief(content)}"
    elif wrong := [element for element in content if not _is_scalar(kind[0], element, is_binary)]:
        yield f"{path}.{kind} holds {brief(wrong[0])}, which should be {_IN_WORDS.get(kind[0], 'binary data')}"
    elif len(set(map(canonical_number, content) if kind == "NS" else content)) < len(content):
        yield f"{path}.{kind} holds something twice"


def _is_scalar(kind: str, content: Any, is_binary: Callable[[Any], bool]) -> bool:
    match kind:
        case "S":
            return isinstance(content, str)
        case "N":
            return isinstance(content, str) and _is_number(content)
        case "B":
            return is_binary(content)
        case "BOOL":
            return isinstance(content, bool)
        case "NULL":
            return content is True
        case _:
            return False


def _is_number(text: str) -> bool:
    if not _NUMBER.fullmatch(text) or len(text) > 2 * _HIGHEST:
        return False
    number = Decimal(text)
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return not number or (len(digits) <= _DIGITS and _LOWEST <= number.adjusted() <= _HIGHEST)


def brief(value: Any) -> str:
    """Show a value in a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - what fits on a line
