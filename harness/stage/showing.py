"""Values as text that a person can compare line by line."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from harness.instant import to_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.dataset import Item

#: Equal lines shown before the first difference, and lines shown after it.
_BEFORE, _AFTER = 3, 20
_LARGEST_COLLECTION = 50


def shown(value: object) -> str:
    """Return one line, or a line for each entry of a sequence."""
    if isinstance(value, (tuple, list)):
        return "\n".join(_line(entry) for entry in value) or "(nothing)"
    return _line(value)


def shown_pair(expected: object, actual: object) -> tuple[str, str]:
    """Return both as text; of long ones only the part around the first difference."""
    left, right = shown(expected).split("\n"), shown(actual).split("\n")
    equal = next((i for i, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), None)
    first = min(len(left), len(right)) if equal is None else equal
    return _around(left, first), _around(right, first)


def shown_collection(items: Iterable[Item]) -> str:
    """Return an item collection, newest first, as its items are stored."""
    lines = [json.dumps(_plain(item), ensure_ascii=False) for item in items]
    more = [f"… and {len(lines) - _LARGEST_COLLECTION} more"] if len(lines) > _LARGEST_COLLECTION else []
    return "\n".join(lines[:_LARGEST_COLLECTION] + more) or "(no items)"


def _around(lines: list[str], first: int) -> str:
    start, end = max(0, first - _BEFORE), first + _AFTER
    before = [f"… {start} equal lines"] if start else []
    after = [f"… {len(lines) - end} more lines"] if len(lines) > end else []
    return "\n".join(before + lines[start:end] + after)


def _line(value: object) -> str:
    if isinstance(value, datetime):
        return to_text(value) if value.tzinfo else value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        inner = ", ".join(f"{field.name}={_line(getattr(value, field.name))}" for field in fields(value))
        return f"{type(value).__name__}({inner})"
    return repr(value)


def _plain(item: Item) -> dict[str, object]:
    """Return an item without type names where every value is a string, as in all of the reference application's."""
    return {name: value.get("S", value) for name, value in item.items()}
