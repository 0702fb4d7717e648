"""A function's process together with what it started: how much memory it takes, and its end."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

#: Looks for what has to be killed: one may start another one meanwhile, and dying takes a moment.
_ROUNDS = 10


def memory(pid: int) -> int:
    """Return the bytes that a process and its descendants take; what they share counts once, as in Lambda's cgroup."""
    import psutil  # noqa: PLC0415 - 60 ms that `harness --help` does not pay

    with suppress(psutil.Error):
        process = psutil.Process(pid)
        tree = (process, *process.children(recursive=True))
        return int(process.memory_info().rss) if len(tree) == 1 else sum(_proportional(one) for one in tree)
    return 0


def kill_marked(variable: str, value: str) -> None:
    """Kill the processes that have a variable in their environment: also those that left group and session."""
    import psutil  # noqa: PLC0415 - as above

    for _ in range(_ROUNDS):
        found = list(_marked(variable, value))
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        if not found:
            return


def _marked(variable: str, value: str) -> Iterator[psutil.Process]:
    import psutil  # noqa: PLC0415 - as above

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(variable) == value and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def _proportional(process: psutil.Process) -> int:
    import psutil  # noqa: PLC0415 - as above

    with suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0
