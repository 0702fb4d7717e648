"""Items as a test writes them (boto3's Table, or DynamoDB JSON), in one shape that can be compared. Pure."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.streams.event import canonical_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.dataset import Item

_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})
_SETS = {"S": "SS", "N": "NS", "B": "BS"}


def typed_item(item: Mapping[str, Any]) -> Item:
    """Return an item in DynamoDB JSON; one that is in it already has its numbers and sets put in order."""
    if is_typed(item):
        return {name: canonical(value) for name, value in item.items()}
    return {name: typed(value) for name, value in item.items()}


def is_typed(item: Mapping[str, Any]) -> bool:
    """Whether every attribute looks like `{"S": …}`."""
    return all(isinstance(value, dict) and len(value) == 1 and value.keys() <= _TYPES for value in item.values())


def typed(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one line a type
    """Return a value of Python as DynamoDB types it; binary values in base64, as they go over the wire."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": canonical_number(str(value))}
        case str():
            return {"S": value}
        case bytes() | bytearray():
            return {"B": base64.b64encode(value).decode()}
        case list() | tuple():
            return {"L": [typed(entry) for entry in value]}
        case dict():
            return {"M": {name: typed(entry) for name, entry in value.items()}}
        case set() | frozenset():
            return _typed_set(value)
    if (inner := getattr(value, "value", None)) is not None and type(value).__name__ == "Binary":  # boto3's
        return typed(inner)
    raise UsageError(
        f"DynamoDB has no type for {value!r} ({type(value).__name__})", hint="numbers with a fraction: Decimal"
    )


def canonical(value: Mapping[str, Any]) -> dict[str, Any]:  # noqa: PLR0911 - one line a type
    """Return a typed value with its numbers written one way, its sets sorted, and its bytes in base64."""
    [(kind, inner)] = value.items()
    match kind:
        case "N":
            return {"N": canonical_number(str(inner))}
        case "B":
            return {"B": _text(inner)}
        case "L":
            return {"L": [canonical(entry) for entry in inner]}
        case "M":
            return {"M": {name: canonical(entry) for name, entry in inner.items()}}
        case "NS":
            return {"NS": sorted(canonical_number(str(entry)) for entry in inner)}
        case "SS" | "BS":
            return {kind: sorted(_text(entry) for entry in inner)}
    return {kind: inner}


def plain(value: Mapping[str, Any]) -> Any:
    """Return a typed value as a person writes it, for a message."""
    [(kind, inner)] = value.items()
    match kind:
        case "N":
            return Decimal(inner) if not inner.lstrip("-").isdecimal() else int(inner)
        case "M":
            return {name: plain(entry) for name, entry in inner.items()}
        case "L":
            return [plain(entry) for entry in inner]
        case "NULL":
            return None
    return inner


def _typed_set(value: set[Any] | frozenset[Any]) -> dict[str, Any]:
    entries = [typed(entry) for entry in value]
    kinds = {kind for entry in entries for kind in entry}
    if len(kinds) != 1 or not kinds <= _SETS.keys():
        raise UsageError(f"DynamoDB has no set for {value!r}", hint="a set holds texts, numbers or bytes, of one kind")
    [kind] = kinds
    return {_SETS[kind]: sorted(entry[kind] for entry in entries)}


def _text(value: str | bytes) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
