"""A scenario: what must be true before, what is done, what must be true after; and what came of it."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure
from harness.guest import attempt
from harness.stage.budgets import read_units, write_units
from harness.stage.run import Run, Unmet
from harness.stage.setting import Setting
from harness.stage.steps import Step
from harness.stores.recorder import Call
from harness.streams.faults import Circumstances

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.capacity.account import Units

__all__ = [
    "Call",
    "Circumstances",
    "Run",
    "Scenario",
    "ScenarioResult",
    "Setting",
    "Step",
    "read_units",
    "run_scenario",
    "scenario",
    "write_units",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A script that proves one access pattern."""

    #: `A` … `E`, or the name a user's own scenario gives itself.
    pattern: str
    title: str
    play: Callable[[Run], None]
    #: Not played unless it is asked for by name.
    when_named: bool = False


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
    #: What its requests cost by AWS's rules; None where they could not be heard or counted.
    units: Units | None = None
    #: What it measured, in words.
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Every step held and nothing broke off; a scenario without steps proves nothing and fails."""
        return self.error is None and bool(self.steps) and all(step.passed for step in self.steps)


def scenario(pattern: str, title: str, *, when_named: bool = False) -> Callable[[Callable[[Run], None]], Scenario]:
    """Make a scenario of a function: `@scenario("A", "list the messages of a message group")`.

    With `when_named` it is left out of a run that names none.
    """
    return lambda play: Scenario(pattern=pattern, title=title, play=play, when_named=when_named)


def run_scenario(
    scenario: Scenario, setting: Setting, *, clock: Callable[[], float] = time.perf_counter
) -> ScenarioResult:
    """Play a scenario. What it raises ends it, and no other; only a failing environment ends everything."""
    run = Run(setting=setting)
    began = clock()
    error = attempt(lambda: scenario.play(run)).error
    seconds = clock() - began
    run.finish()
    if isinstance(error, EnvironmentFailure):
        raise error
    return ScenarioResult(
        pattern=scenario.pattern,
        title=scenario.title,
        steps=tuple(run.steps),
        capacity=sum(call.capacity or 0.0 for call in run.calls),
        seconds=seconds,
        error=None if error is None or isinstance(error, Unmet) else _traceback(error),
        units=None if run.account is None else run.account.units(),
        notes=tuple(run.notes),
    )


def _traceback(error: BaseException) -> str:
    """Return the traceback from the scenario's own frame on."""
    frames = error.__traceback__
    ours = (attempt.__code__, run_scenario.__code__.co_filename)
    while (
        frames
        and frames.tb_next
        and (frames.tb_frame.f_code is ours[0] or frames.tb_frame.f_code.co_filename == ours[1])
    ):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()
