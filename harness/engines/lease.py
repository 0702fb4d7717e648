"""A share in a folder, which the system takes back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Lease:
    """Several may hold a folder together, or one alone. To everybody else it is locked (`lock.is_locked`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = os.open(folder, os.O_RDONLY)

    def alone(self) -> bool:
        """Take the folder for us alone, unless others hold it: then we hold nothing."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def share(self) -> None:
        """Hold the folder together with others; wait while somebody has it alone."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def is_of(self, folder: Path) -> bool:
        """Whether the folder that is there now is the one that we hold: it may have been removed and made anew."""
        try:
            found = folder.stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(found, os.fstat(self._descriptor))

    def close(self) -> None:
        """Hold nothing any more."""
        os.close(self._descriptor)
