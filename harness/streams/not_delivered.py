"""Why a delivery can't come to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.streams.invocation import Invocation, Result


class NotDelivered(HarnessError):
    """The function does not come to an end with what the stream holds."""


def stuck(name: str, invocation: Invocation, result: Result) -> NotDelivered:
    """Say that a batch fails again and again, and the mapping sets no limit."""
    error = result.error or {}
    told = f"{error.get('errorType')}: {error.get('errorMessage')}" if error else "it reported failures each time"
    trace = "".join(str(frame) for frame in error.get("stackTrace", ()))
    numbers = [record.sequence_number for record in invocation.records]
    which = f" ({numbers[0]} to {numbers[-1]})" if numbers else ""
    return NotDelivered(
        f"{name} failed on each of {invocation.attempt} calls with a batch of {len(numbers)} records{which}, "
        f"the last time:\n{trace}{told}",
        hint="mend the handler, or set MaximumRetryAttempts; on AWS this batch would now block its shard for a day",
    )


def loops(name: str, deepest: int, chain: Iterable[str]) -> NotDelivered:
    """Say that the function's own writes trigger it; `chain` tells what each generation wrote."""
    return NotDelivered(
        f"{name} triggers itself: {deepest} generations of records, each written by the calls for the one before\n"
        + "\n".join(f"  {line}" for line in chain),
        hint="look at what the handler writes: its own records must not make it write again, or filter them out",
    )


def endless(name: str, records: int) -> NotDelivered:
    """Say that the stream goes on and on."""
    return NotDelivered(
        f"{name}: no end of the stream after {records:,} records",
        hint="stop what keeps writing to the table, or follow the stream: harness stream run",
    )
