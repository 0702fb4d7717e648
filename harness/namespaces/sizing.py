"""How many namespaces a pool keeps ready, and when it makes and drops some. Pure: no clock, no thread."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """How many are to be ready: more when somebody had to wait, fewer when nobody comes."""

    maximum: int
    target: int = 1

    def after_waiting(self) -> Sizing:
        """Return what to keep ready after somebody found none."""
        return replace(self, target=min(self.maximum, 2 * self.target))

    def after_idling(self) -> Sizing:
        """Return what to keep ready after nobody has come for a while."""
        return replace(self, target=max(1, self.target - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a pool has at one moment."""

    ready: int
    #: Given back, and not yet dropped.
    returned: int
    #: Takers that found none.
    waiting: int
    #: Making failed, and nobody was told yet.
    failed: bool


def is_wanting(stock: Stock, sizing: Sizing) -> bool:
    """Whether to make one: for who waits, or to have as many ready as are kept ready.

    Not while ever more databases would be left behind. And not after a failure until somebody has been told: making it
    again would most likely fail again.
    """
    if stock.failed or stock.returned >= 2 * sizing.maximum:
        return False
    return stock.ready < max(sizing.target, stock.waiting)


def has_surplus(stock: Stock, sizing: Sizing) -> bool:
    """Whether to drop a ready one: there are more than are kept ready, and nobody waits."""
    return stock.ready > sizing.target and not stock.waiting
