"""The items of this family as they are stored: messages and group rows, by the beginning of their pk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.held import Held

MESSAGE, GROUP = "MSG#", "GRP#"


def items_of(held: Held, prefix: str) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Yield the items whose pk begins so, of all tables."""
    for table in held.tables.values():
        for item in table.items:
            if text_of(item, "pk").startswith(prefix):
                yield item


def text_of(item: Mapping[str, Mapping[str, Any]], name: str) -> str:
    """Return an attribute that is a text; "" where it is absent or something else."""
    value = item.get(name)
    text = value.get("S") if value is not None else None
    return text if isinstance(text, str) else ""


def instants(held: Held, prefix: str = "") -> list[str]:
    """Return the sort keys, in order."""
    return sorted(text_of(item, "sk") for item in items_of(held, prefix) if text_of(item, "sk"))


def handles(held: Held) -> frozenset[str]:
    """Return the handles that users have."""
    rows = held.users.rows if held.users else ()
    return frozenset(row["handle"] for row in rows if isinstance(row.get("handle"), str))
