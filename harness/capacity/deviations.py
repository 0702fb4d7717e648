"""How the local engines are known to count otherwise than AWS does; measured, docs/costs.md has the figures.

MiniStack 1.5.33 and DynamoDB Local 1.25.1. Each is a function of what the request costs by AWS's rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.capacity.cost import Cost


def one_unit_a_read(cost: Cost) -> float | None:
    """MiniStack counts one unit (half of it, where not consistent) for every read, whatever its size."""
    return cost.read_factor or None


def nothing_found_nothing_counted(cost: Cost) -> float | None:
    """DynamoDB Local counts nothing for a Query that finds nothing."""
    return 0.0 if cost.read_factor and not cost.size else None


def different_actions_four_times(cost: Cost) -> float | None:
    """DynamoDB Local counts four times each action of a transaction, indexes too, and actions that cost the same once."""
    return 4.0 * sum(own + indexes for own, indexes in set(cost.actions)) if cost.actions else None


KNOWN: tuple[Callable[[Cost], float | None], ...] = (
    one_unit_a_read,
    nothing_found_nothing_counted,
    different_actions_four_times,
)


def explanation(cost: Cost, reported: float) -> str | None:
    """Say which known deviation gives what was reported; None: none does."""
    for deviation in KNOWN:
        if deviation(cost) == reported:
            return (deviation.__doc__ or "").strip()
    return None
