"""Finding the stack that `harness up` started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from harness.config import Config
    from harness.stack import Stack


def running_stack(config: Config) -> Stack:
    """Return the project's stack; raise EnvironmentFailure when nothing is up."""
    from harness import stack as stacks

    found = stacks.attach(config)
    if found is None:
        raise nothing_up(config)
    return found


def known_stack(config: Config) -> Stack:
    """Return the project's stack, whether it still answers or not."""
    from harness.engines.registry import wants_external
    from harness.stack.finding import named, recorded

    found = named(config) if wants_external(config) else recorded(config)
    if found is None:
        raise nothing_up(config)
    return found


def nothing_up(config: Config) -> EnvironmentFailure:
    """Return the error for verbs that need a stack."""
    return EnvironmentFailure(f"no stack is up in {config.project}", hint="harness up")
