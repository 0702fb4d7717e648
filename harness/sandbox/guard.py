"""Where there are no namespaces: a clean environment, limits, and an end to all that was started. No wall."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from harness.sandbox.inside.order import Order, Report
from harness.sandbox.launch import Started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psutil

    from harness.sandbox.capture import Capture, Ending

#: In the environment of everything that a run starts, so that what left the group is found as well.
MARK = "HARNESS_SANDBOX"
_GRACE = 0.1
_PATIENCE = 3.0
_MOST_TOLD = 20


def run_guarded(order: Order, stdin: bytes | Path | None, timeout: float) -> tuple[Report, Capture]:
    """Run a program, and return how it ended and what it wrote."""
    began = time.monotonic()
    # Without a namespace the limit counts all that the user runs (setrlimit(2), RLIMIT_NPROC).
    limits = order.limits._replace(processes=order.limits.processes + _own_tasks())
    started = Started(order._replace(limits=limits), stdin)
    try:
        capture, process = started.capture, started.process
        ending = capture.until(began + timeout, done=lambda: process.poll() is not None)
        seconds = time.monotonic() - began
        left = _end_all(started, order.env[MARK], capture, ending)
        capture.until(time.monotonic() + _PATIENCE, most=float("inf"))
        stopped = None if ending == "done" else ending
        code = None if stopped else process.returncode
        return Report(exit_code=code, stopped=stopped, left_running=left, seconds=seconds), capture
    finally:
        started.end()


def _end_all(started: Started, mark: str, capture: Capture, ending: Ending) -> tuple[str, ...]:
    """Kill the group and all that carries the mark; return the command lines of what should have ended by itself."""
    import psutil  # noqa: PLC0415 - 60 ms that nobody pays who has namespaces

    if ending == "done":
        until = time.monotonic() + _GRACE
        capture.until(until, done=lambda: not any(_marked(mark)))
    told = []
    until = time.monotonic() + _PATIENCE
    while (running := list(_marked(mark))) and time.monotonic() < until:
        for process in running:
            try:
                told.append(" ".join(process.cmdline()))
                process.kill()
            except psutil.Error:
                continue
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says the latter of zombies
        os.killpg(started.process.pid, signal.SIGKILL)
    return tuple(line for line in dict.fromkeys(told) if line)[:_MOST_TOLD]


def _own_tasks() -> int:
    """Return how many processes and threads this user has."""
    import psutil  # noqa: PLC0415 - as above

    own = os.getuid()
    told = (process.info for process in psutil.process_iter(["uids", "num_threads"]))
    return sum(info["num_threads"] or 1 for info in told if info["uids"] and info["uids"].real == own)


def _marked(mark: str) -> Iterator[psutil.Process]:
    import psutil  # noqa: PLC0415 - as above

    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except (psutil.Error, OSError):
            continue
