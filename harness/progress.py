"""Progress of long work, drawn on one line of a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

from harness.dataset import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Callable

_CLEAR = "\r\x1b[2K"
_REDRAW_SECONDS = 0.1


class TerminalProgress:
    """One line that is redrawn, and erased when the work is done."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._drawn_at = float("-inf")

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Draw `done` of `total` pieces of `what`."""
        if total is not None and done >= total:
            self._write("")
            self._drawn_at = float("-inf")
        elif self._clock() - self._drawn_at >= _REDRAW_SECONDS:
            self._drawn_at = self._clock()
            self._write(f"{what} {done:,}" + (f" of {total:,} ({100 * done // total} %)" if total else ""))

    def _write(self, text: str) -> None:
        self._stream.write(_CLEAR + text)
        self._stream.flush()


def progress_for(verbosity: int) -> Progress:
    """Return progress that draws where a person watches stderr, and none elsewhere."""
    return TerminalProgress(sys.stderr) if verbosity >= 0 and sys.stderr.isatty() else silent
