"""Provoked faults: a function that fails where it is told to, with the real one behind it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from harness.streams.invocation import Result
from harness.streams.mapping import rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.streams.invocation import Function
    from harness.streams.poller import Poller

    #: Tells by the event whether the call is to fail.
    When = Callable[[Mapping[str, Any]], bool]


def _never(_event: Mapping[str, Any]) -> bool:
    return False


@dataclass(kw_only=True)
class FaultyFunction:
    """A function whose calls fail before its handler has run, or after: when it has written, and could not say so."""

    function: Function
    #: The handler never sees the event.
    fails_before: When = _never
    #: The handler has done its work, and dies before it answers.
    fails_after: When = _never
    #: The call does not get as far as the function: Lambda throttles it.
    throttled: When = _never

    @property
    def name(self) -> str:
        """The function's."""
        return self.function.name

    @property
    def arn(self) -> str:
        """The function's."""
        return self.function.arn

    @property
    def version(self) -> str:
        """The function's."""
        return self.function.version

    def invoke(self, event: dict[str, Any]) -> Result:
        """Call the function, unless the event is one to fail on."""
        if self.throttled(event):
            return Result(outcome="not_invoked", request_id=str(uuid4()), reason="Rate Exceeded.")
        if self.fails_before(event):
            return _died(str(uuid4()), ())
        dies = self.fails_after(event)
        result = self.function.invoke(event)
        return _died(result.request_id, result.calls) if dies else result

    def close(self) -> None:
        """Close the function."""
        self.function.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a delivery has to stand besides what the project's mapping says."""

    #: Parameters of UpdateEventSourceMapping, such as `BatchSize`.
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: Fields of `Emulation`, such as `duplicate_rate`.
    emulation: Mapping[str, Any] = field(default_factory=dict)
    fails_before: When = _never
    fails_after: When = _never


@contextmanager
def under(poller: Poller, circumstances: Circumstances) -> Iterator[None]:
    """Change the mapping as an update does, in place, until the block ends. For a poller that has nothing under way."""
    before = poller.mapping, poller.emulation, poller.function
    poller.mapping = rules.update(poller.mapping, circumstances.parameters)
    poller.emulation = replace(poller.emulation, **circumstances.emulation)
    poller.function = FaultyFunction(
        function=poller.function, fails_before=circumstances.fails_before, fails_after=circumstances.fails_after
    )
    poller.renew()
    try:
        yield
    finally:
        poller.mapping, poller.emulation, poller.function = before
        poller.renew()


def _died(request_id: str, calls: tuple[Any, ...]) -> Result:
    reason = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
    error = {"errorType": "Runtime.ExitError", "errorMessage": reason}
    return Result(outcome="function_error", request_id=request_id, error=error, calls=calls)
