"""How long to wait before asking a busy service again."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential with full jitter; clock-free, so that a test can hand in its own `pause` and `jitter`."""

    #: How many fruitless tries in a row before giving up.
    attempts: int = 10
    base: float = 0.05
    cap: float = 5.0
    pause: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def wait(self, attempt: int) -> None:
        """Wait before try `attempt + 1` (0: the first one just failed)."""
        self.pause(self.jitter() * min(self.cap, self.base * 2**attempt))
