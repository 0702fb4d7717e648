"""Waiting until a service proves that it serves, within one time budget."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds between two probes: a probe of a closed port costs less than a millisecond.
_PAUSE = 0.02


def wait_until(  # noqa: PLR0913 - all that time and the world depend on comes from outside
    what: str,
    probe: Callable[[], None],
    *,
    timeout: float,
    alive: Callable[[], str | None],
    logs: Callable[[], str],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Probe until it is answered.

    A probe raises OSError while there is no answer yet, and HarnessError when waiting is of no use. Raises
    EnvironmentFailure with the last answer and the last log lines when the time is up or the service has died.
    """
    deadline = clock() + timeout
    while True:
        try:
            probe()
        except OSError as exc:
            last = exc
        else:
            return
        if (fate := alive()) is not None:
            raise _failure(f"{what} {fate} before it answered", last, logs())
        if clock() >= deadline:
            raise _failure(f"{what} did not answer within {timeout:g} s", last, logs())
        sleep(_PAUSE)


def _failure(message: str, last: OSError, log: str) -> EnvironmentFailure:
    lines = [message, f"last probe: {str(last) or type(last).__name__}"]
    if log.strip():
        lines += ["last log lines:", *(f"  {line}" for line in log.rstrip().splitlines())]
    return EnvironmentFailure(
        "\n".join(lines), hint="look at what it says above; for more time set start_timeout in harness.toml"
    )
