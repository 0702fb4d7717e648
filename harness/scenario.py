"""A scenario: what must be true before, what is done, what must be true after; and what came of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One DynamoDB request that a scenario's target or handler made."""

    #: As AWS names it: `Query`, `TransactWriteItems`, …
    operation: str
    #: The request's parameters, as sent.
    request: dict[str, object]
    #: ConsumedCapacity.CapacityUnits summed over tables and indexes; None where the service told none.
    capacity: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One expectation and what was found."""

    name: str
    passed: bool
    #: Pretty-printed, only where the step failed.
    expected: str | None = None
    actual: str | None = None
    #: The requests made for this step.
    calls: tuple[Call, ...] = ()
    #: The item collection in question, pretty-printed, only where the step failed.
    collection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """What one scenario came to."""

    #: `A` … `E`, or the name a user's own scenario gave itself.
    pattern: str
    title: str
    steps: tuple[Step, ...]
    #: Capacity units that the measured calls consumed.
    capacity: float
    seconds: float
    #: Traceback of a scenario that broke off, else None.
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Every step held and nothing broke off; a scenario without steps proves nothing and fails."""
        return self.error is None and bool(self.steps) and all(step.passed for step in self.steps)
