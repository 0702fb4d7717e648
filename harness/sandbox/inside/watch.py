"""What is going on inside, as /proc tells: how many run, how much they hold, how much they wrote."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.sandbox.inside.order import Limits, Stopped

_PAGE = os.sysconf("SC_PAGE_SIZE")
_LONGEST = 300
_MOST_TOLD = 20


class Watch:
    """Looks from time to time whether the processes together keep within their limits."""

    def __init__(self, ground: str, limits: Limits) -> None:
        self._ground = ground
        self._limits = limits
        self._free = _free(ground)

    def exceeded(self) -> Stopped | None:
        """Return which limit is passed."""
        pids = others()
        # The count is bounded by RLIMIT_NPROC already, but not on older kernels and not for a superuser.
        if len(pids) > 2 * self._limits.processes or self._holds_too_much(pids):
            return "memory"
        return "output" if self._is_full() else None

    def _holds_too_much(self, pids: list[str]) -> bool:
        """Tell whether the processes hold too much; what they share counts once, but that takes long to find out."""
        if sum(map(_resident, pids)) <= self._limits.memory:
            return False
        return sum(map(_proportional, pids)) > self._limits.memory

    def _is_full(self) -> bool:
        """Tell whether the ground holds too much; the disk is asked first, as a walk takes long."""
        if self._free - _free(self._ground) < self._limits.ground // 4:
            return False
        return _size(self._ground) > self._limits.ground


def others() -> list[str]:
    """Return the pids in this namespace but the first process's, which is the one that looks."""
    return [entry.name for entry in os.scandir("/proc") if entry.name.isdigit() and entry.name != "1"]


def command_lines() -> tuple[str, ...]:
    """Return how the processes were called; a zombie has no such line."""
    told = (_read(f"/proc/{pid}/cmdline").rstrip(b"\0").replace(b"\0", b" ") for pid in others())
    lines = [line[:_LONGEST].decode("utf-8", "backslashreplace") for line in told if line]
    return tuple(lines[:_MOST_TOLD])


def _resident(pid: str) -> int:
    """Return the bytes that a process has in memory without files, shared or not (proc(5), statm)."""
    fields = _read(f"/proc/{pid}/statm").split()
    return (int(fields[1]) - int(fields[2])) * _PAGE if fields else 0


def _proportional(pid: str) -> int:
    """Return the same with its share of what it shares (proc(5), smaps_rollup)."""
    told = _read(f"/proc/{pid}/smaps_rollup").split()
    return int(told[told.index(b"Pss_Anon:") + 1]) * 1024 if b"Pss_Anon:" in told else 0


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:  # it has gone
        return b""


def _free(path: str) -> int:
    told = os.statvfs(path)
    return told.f_bfree * told.f_frsize


def _size(folder: str) -> int:
    return sum(entry.stat(follow_symlinks=False).st_blocks * 512 for entry in _entries(folder))


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                entries = list(found)
        except OSError:
            continue
        yield from entries
        waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
