"""What a scenario leaves behind: its steps, and the requests that were made for them."""

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
    #: AWS's error code; None where all went well.
    error: str | None = None


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
