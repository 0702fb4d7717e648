"""Calls somebody's function with what it asks for, by the names of its parameters."""

from __future__ import annotations

import inspect
import traceback
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError, UsageError
from harness.guest import attempt
from harness.spelling import did_you_mean
from harness.target import REASONS, Broke, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: Values by parameter name; each is only worked out for who asks.
    Known = Mapping[str, Callable[[], Any]]


def call(function: Callable[..., Any], known: Known) -> Any:
    """Return what a function answers.

    Raises:
        Refused: it said so, by this exception, by one whose first argument is a reason of harness.target, or by a
            PermissionError.
        Broke: it raised anything else.
        UsageError: it has a parameter without a default that nobody knows.

    """
    name = getattr(function, "__qualname__", repr(function))
    arguments = {parameter: known[parameter]() for parameter in _asked(function, name, known)}
    outcome = attempt(lambda: function(**arguments))
    if outcome.error is not None:
        raise meaning(outcome.error, name) from outcome.error
    return outcome.value


def parameters(function: Any) -> tuple[str, ...]:
    """Return the names of a function's parameters; none for what can't be called, or doesn't tell."""
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def _asked(function: Callable[..., Any], name: str, known: Known) -> list[str]:
    """Return the parameters to fill in: all that are known; one that isn't has to have a default."""
    asked = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            continue
        if parameter.name in known:
            asked.append(parameter.name)
        elif parameter.default is parameter.empty:
            raise UsageError(
                f"target: {name} asks for `{parameter.name}`, which the adapter has not got",
                hint=did_you_mean(parameter.name, known, otherwise=f"it has {', '.join(known)}; or write an adapter"),
            )
    return asked


def meaning(error: BaseException, name: str) -> Exception:
    """Return what somebody's exception says: a refusal, or that `name` broke, with file and line; ours as they are."""
    if isinstance(error, Refused | HarnessError):
        return error
    reason = error.args[0] if error.args else None
    if isinstance(reason, str) and reason in REASONS:
        return Refused(reason)
    if isinstance(error, PermissionError):
        return Refused("not_a_member", str(error))
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return Broke(f"{name} raised {type(error).__name__}: {error}{where}", hint="correct it there; the line is its own")
