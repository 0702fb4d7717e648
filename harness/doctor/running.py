"""The stack that is up: what it holds, and why its trigger does not fire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness import stack as stacks
from harness.errors import EnvironmentFailure
from harness.held import Held
from harness.stores.survey import survey
from harness.streams.emulation import Emulation
from harness.streams.explain import explain
from harness.trigger import Terms
from harness.trigger_facts import trigger_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.config import Config
    from harness.stack import Stack
    from harness.streams.facts import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStack:
    """What was seen of it; nothing, where none is up."""

    looked_at: bool = False
    #: Its engine and addresses, passwords hidden.
    shown: str = ""
    held: Held = field(default_factory=Held)
    reasons: tuple[Reason, ...] = ()


def look_at_stack(config: Config, *, required: bool = False) -> RunningStack:
    """Look at the project's stack. One that is recorded and does not answer is a finding, unless it is `required`."""
    try:
        stack = stacks.attach(config)
    except EnvironmentFailure:
        if required:
            raise
        return RunningStack()
    if stack is None:
        if required:
            raise EnvironmentFailure(
                f"no stack is up in {config.project}, and no databases are named",
                hint="harness up, or HARNESS_DYNAMODB_URL=… HARNESS_POSTGRES_DSN=… harness doctor --data --engine external",
            )
        return RunningStack()
    return RunningStack(
        looked_at=True,
        shown=", ".join(f"{name} at {where}" for name, where in stack.shown().items()),
        held=survey(stack.endpoints),
        reasons=tuple(_reasons(config, stack)),
    )


def _reasons(config: Config, stack: Stack) -> Iterator[Reason]:
    """Yield what keeps the project's triggers from firing; only of a stack of ours, since a handler may write."""
    if stack.engine == "external":
        return
    terms = Terms(emulation=Emulation(region=config.region), log=lambda _: None)
    for name in config.handlers:
        yield from (reason for reason in explain(trigger_facts(config, stack, name, terms)) if reason.stops)
