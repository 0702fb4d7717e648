"""What a scenario's requests cost by AWS's rules, and where the engine reported something else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.capacity.deviations import explanation
from harness.capacity.expressions import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.capacity.cost import Cost, Ledger
    from harness.stores.recorder import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Requests of one kind of which the engine reported other units than AWS's rules give."""

    operation: str
    computed: float
    reported: float
    times: int
    #: The engine's known deviation that gives this; None: there is none.
    explanation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """What one call of an application costs, in request units."""

    #: For example `a page of messages`.
    what: str
    read: float
    write: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Capacity units of a scenario's requests by AWS's rules; of refused requests nobody tells any."""

    read: float
    write: float
    #: What the engine reported for the same requests.
    reported: float
    differences: tuple[Difference, ...]
    #: Why requests could not be counted, and how many.
    unknown: tuple[tuple[str, int], ...]
    priced: tuple[Priced, ...]

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """The differences that no known deviation explains."""
        return tuple(each for each in self.differences if each.explanation is None)


@dataclass(kw_only=True)
class Account:
    """Takes in a scenario's requests, oldest first."""

    ledger: Ledger
    _costs: dict[int, Cost] = field(default_factory=dict)
    _reported: float = 0.0
    _differences: Counter[tuple[str, float, float, str | None]] = field(default_factory=Counter)
    _unknown: Counter[str] = field(default_factory=Counter)
    _priced: list[Priced] = field(default_factory=list)

    def add(self, call: Call) -> None:
        """Count a request. The caller keeps the object, which it may ask the price of."""
        try:
            cost = self.ledger.cost(call)
        except Unknown as unknown:
            self._unknown[str(unknown)] += 1
            return
        if cost is None:
            return
        self._costs[id(call)] = cost
        self._reported += call.capacity or 0.0
        if call.capacity is not None and call.capacity != cost.total:
            reason = explanation(cost, call.capacity)
            self._differences[call.operation, cost.total, call.capacity, reason] += 1

    def price(self, what: str, calls: Iterable[Call], times: int) -> None:
        """Note what each of `times` calls of the application costs, of which these are all requests."""
        costs = [self._costs[id(call)] for call in calls if id(call) in self._costs]
        read, write = sum(cost.read for cost in costs), sum(cost.write for cost in costs)
        self._priced.append(Priced(what=what, read=read / times, write=write / times))

    def units(self) -> Units:
        """Return what it came to."""
        return Units(
            read=sum(cost.read for cost in self._costs.values()),
            write=sum(cost.write for cost in self._costs.values()),
            reported=self._reported,
            differences=tuple(
                Difference(operation=operation, computed=computed, reported=reported, times=times, explanation=reason)
                for (operation, computed, reported, reason), times in self._differences.items()
            ),
            unknown=tuple(self._unknown.items()),
            priced=tuple(self._priced),
        )
