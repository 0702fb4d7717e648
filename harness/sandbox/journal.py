"""What programs inside told of themselves, one JSON object a line; they are foreign, so nothing is taken for granted."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 16 * 1024 * 1024


def read_journal(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the lines that are JSON objects; others, and all behind the limit, are passed over."""
    try:
        # In a guard's sandbox a program can put a link or a FIFO in its place.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ()
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ()
        lines = os.pread(descriptor, _MOST, 0).splitlines()
    finally:
        os.close(descriptor)
    return tuple(entry for line in lines if isinstance(entry := _parsed(line), dict))


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
