"""What programs inside told of themselves, one JSON object a line; they are foreign, so nothing is taken for granted."""

from __future__ import annotations

import json
import os
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
    with os.fdopen(descriptor, "rb") as file:
        lines = file.read(_MOST).splitlines()
    return tuple(entry for line in lines if isinstance(entry := _parsed(line), dict))


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
