"""What requests may cost at most, for scenarios to set themselves budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.streams.size import attributes_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.dataset import Item

#: What DynamoDB counts as one unit of reading, and half of it where a read may be a moment old.
_READ_UNIT = 4096
_WRITE_UNIT = 1024


def read_units(items: Iterable[Item], *, pages: int = 1) -> float:
    """Return what eventually consistent Queries of these items may consume: half a unit per 4 KB, rounded up each time."""
    size = sum(attributes_size(item) for item in items)
    return 0.5 * (size // _READ_UNIT + pages)


def write_units(items: Iterable[Item], *, indexes: int = 0) -> float:
    """Return what writing or deleting these items in a transaction may consume: two units per KB, in each index too."""
    return 2.0 * (1 + indexes) * sum(-(-attributes_size(item) // _WRITE_UNIT) for item in items)
