"""Tells the harness what happens in a guest's process, a JSON line each, with the guest's line that did it."""

# Every guest would pay 5 ms for pathlib.
# ruff: noqa: PTH109, PTH118
from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

#: Parts of paths that are inside the project's folder and not the project's.
_NOT_OWN = ("/site-packages/", "/dist-packages/", "/node_modules/")


class Journal:
    """The file, open from the start; lines are appended whole, also by several processes at once."""

    def __init__(self, path: str, root: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._root = root.rstrip("/") + "/"
        self._from = os.getcwd()
        self._known: dict[str, str | None] = {}

    def __call__(self, kind: str, *, at: list[Any] | None = None, **entry: Any) -> None:
        """Append a line. `at` is the guest's line, looked for where it isn't given."""
        entry |= {"kind": kind, "at": at or self.caller()}
        with contextlib.suppress(OSError):  # a guest that closes every file it finds loses our attention, no more
            os.write(self._file, json.dumps(entry, default=str).encode() + b"\n")

    def caller(self) -> list[Any] | None:
        """Return file and line of the guest's innermost frame; None while it only imports, or runs nothing of its own."""
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way to the caller's frame
        while frame is not None:
            name = frame.f_code.co_filename
            if (own := self.own(name)) is not None:
                return [own, frame.f_lineno]
            frame = frame.f_back
        return None

    def own(self, name: str) -> str | None:
        """Return the absolute path of a file that is the guest's own; None for others."""
        if name not in self._known:
            # A script has the name that it was called by, and a module that of its folder on the path, `..` and all.
            path = name if name.startswith("<") else os.path.normpath(os.path.join(self._from, name))
            is_own = path.startswith(self._root) and not any(part in path for part in _NOT_OWN)
            self._known[name] = path if is_own else None
        return self._known[name]
