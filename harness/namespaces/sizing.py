"""How many namespaces a pool keeps ready, and what it does next. Pure: no clock, no thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto


class Step(Enum):
    """What the pool's thread does next."""

    MAKE = auto()
    #: A namespace that was given back.
    DROP_RETURNED = auto()
    #: A ready one, of which there are more than wanted.
    DROP_READY = auto()
    REST = auto()


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


def next_step(stock: Stock, sizing: Sizing) -> Step:
    """Return what to do: who waits comes first, unless that would leave ever more databases behind.

    After a failure nothing is made until somebody has been told: making it again would most likely fail again.
    """
    if stock.returned >= 2 * sizing.maximum:
        return Step.DROP_RETURNED
    if not stock.failed and stock.ready < max(sizing.target, stock.waiting):
        return Step.MAKE
    if stock.returned:
        return Step.DROP_RETURNED
    if stock.ready > sizing.target and not stock.waiting:
        return Step.DROP_READY
    return Step.REST
