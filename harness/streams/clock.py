"""Time, as the trigger knows it: the machine's, or one that only moves when somebody waits."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from concurrent.futures import Future


class Clock(Protocol):
    """Where polling, waiting, ages and time stamps come from."""

    def now(self) -> float:
        """Return epoch seconds."""

    def wait(self, seconds: float, futures: Collection[Future[Any]] = ()) -> None:
        """Let time pass; come back early when one of the futures is done."""


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Return epoch seconds."""
        return time.time()

    def wait(self, seconds: float, futures: Collection[Future[Any]] = ()) -> None:
        """Sleep, or wait for the first future."""
        if futures:
            wait(futures, timeout=seconds, return_when=FIRST_COMPLETED)
        elif seconds > 0:
            time.sleep(seconds)


class HurriedClock(SystemClock):
    """The machine's time, in which windows and back-offs are over at once: what is waited for has passed.

    For tests that deliver all there is. It runs ahead by what was waited, so that nothing is ever due in the past.
    """

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return epoch seconds, and what was not waited."""
        return super().now() + self._ahead

    def wait(self, seconds: float, futures: Collection[Future[Any]] = ()) -> None:
        """Skip the time, unless there is an answer to wait for."""
        if futures:
            super().wait(seconds, futures)
        else:
            self._ahead += max(seconds, 0.0)


@dataclass
class SimulatedClock:
    """Stands still until somebody waits, and then is at once where they wanted to be."""

    at: float

    def now(self) -> float:
        """Return epoch seconds."""
        return self.at

    def wait(self, seconds: float, futures: Collection[Future[Any]] = ()) -> None:
        """Move on, unless there is something to wait for: work takes no simulated time."""
        if futures:
            wait(futures, return_when=FIRST_COMPLETED)
        else:
            self.at += max(seconds, 0.0)
