"""What a scenario leaves behind: its steps, and the requests that were made for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.stores.recorder import Call
    from harness.target import Kept


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


def kept_steps(kept: Iterable[Kept]) -> list[Step]:
    """Return a step for each thing that a target held its answers against."""
    return [
        Step(
            name=f"all answers: {each.name}",
            passed=not each.breaches,
            expected=each.must if each.breaches else None,
            actual="\n".join(each.breaches) or None,
        )
        for each in kept
    ]
