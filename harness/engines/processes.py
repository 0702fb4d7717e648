"""Child processes that survive this command, and how to find every one of them again.

Each carries HARNESS_STACK=<home> in its environment, and is recorded in a file of its home: a harness that was killed
between starting a process and recording it leaves the mark, and a process that hides its environment leaves the record.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pwd import struct_passwd

    import psutil

MARKER = "HARNESS_STACK"
_PROGRAMS = frozenset({"postgres", "initdb"})
#: Seconds to go in peace; what is still there then is killed.
_PATIENCE = 5.0
#: Two readings of one process's start may differ by a clock that was set in between.
_SAME_START = 2.0
#: Variables that a child needs from us; all others (AWS_*, PG*, LC_*…) would change how it behaves.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process as its record file tells: `pid` is None where the harness died before it could write it."""

    pid: int | None
    created: float | None


def environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return a small environment, the same on every machine, with the mark of the stack at `home`."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(home), MARKER: str(home), **extra}


def spawn(  # noqa: PLR0913 - what a process is made of
    name: str,
    argv: Sequence[str],
    *,
    home: Path,
    cwd: Path,
    extra: Mapping[str, str],
    account: struct_passwd | None = None,
) -> None:
    """Record, then start a process of its own session that writes to `<home>/<name>.log`."""
    import psutil  # noqa: PLC0415 - 60 ms that `harness --help` does not pay

    _write(home / f"{name}.json", {"argv": list(argv)})
    with (home / f"{name}.log").open("ab") as log:
        child = subprocess.Popen(
            argv,
            cwd=cwd,
            env=environment(home, extra),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **as_user(account),
        )
    # It outlives us: nobody waits for it, and Popen must not warn about that.
    child.returncode = 0
    try:
        created: float | None = psutil.Process(child.pid).create_time()
    except psutil.Error:
        created = None
    _write(home / f"{name}.json", {"argv": list(argv), "pid": child.pid, "created": created})


def as_user(account: struct_passwd | None) -> dict[str, Any]:
    """Return the arguments of Popen that start a program as another user."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def recorded(home: Path, name: str) -> Child | None:
    """Return what was recorded about a process, or None where none was to be started."""
    try:
        record = json.loads((home / f"{name}.json").read_text())
        return Child(pid=record.get("pid"), created=record.get("created"))
    except FileNotFoundError:
        return None
    except (ValueError, AttributeError):
        return Child(pid=None, created=None)


def became(home: Path, name: str) -> str | None:
    """None while the recorded process runs, else what became of it."""
    child = recorded(home, name)
    if child is None:
        return "was never started"
    if child.pid is None:
        return "was not started to the end"
    # Looked at before it is waited for: one that dies between the two is still there to tell its code.
    runs = _is_recorded(child)
    try:
        reaped, status = os.waitpid(child.pid, os.WNOHANG)
    except ChildProcessError:  # another command's child
        reaped = 0
    if reaped:
        code = os.waitstatus_to_exitcode(status)
        return f"exited with code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"
    return None if runs else f"is gone (it was pid {child.pid})"


def last_lines(home: Path, name: str, lines: int) -> str:
    """Return the last lines that a process wrote."""
    try:
        with (home / f"{name}.log").open(errors="replace") as log:
            return "".join(deque(log, maxlen=lines))
    except FileNotFoundError:
        return ""


def stop_all(home: Path, *, data: Sequence[Path]) -> list[str]:
    """End every process of the stack at `home`, recorded or not, and return their names.

    `data` are PostgreSQL's data folders: its processes are known by standing in one.
    """
    stopped: list[str] = []
    for _ in range(3):  # a dying harness may have started another one while we looked
        found = list(_find(home, data))
        if not found:
            break
        stopped += _end(found)
    return stopped


def _find(home: Path, data: Sequence[Path]) -> Iterator[psutil.Process]:
    import psutil  # noqa: PLC0415 - as above

    records = [c for path in home.glob("*.json") if (c := recorded(home, path.stem)) is not None]
    pids = {child.pid for child in records if _is_recorded(child)}
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        if process.pid not in spared and _is_ours(process, home, data, recorded=process.pid in pids):
            yield process


def _is_ours(process: psutil.Process, home: Path, data: Sequence[Path], *, recorded: bool) -> bool:
    import psutil  # noqa: PLC0415 - as above

    try:
        if process.environ().get(MARKER) == str(home):
            return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OSError):
        if recorded:  # it hides its mark
            return True
    try:
        # PostgreSQL writes its title over its environment, but never leaves its data folder.
        here = Path(process.cwd())
        return any(here.is_relative_to(folder) for folder in data) and Path(process.exe()).name in _PROGRAMS
    except (psutil.Error, OSError):
        return False


def _is_recorded(child: Child) -> bool:
    """Whether the recorded process still runs; a later one that got the same pid is not it."""
    import psutil  # noqa: PLC0415 - as above

    if child.pid is None or child.created is None:
        return False
    try:
        process = psutil.Process(child.pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - child.created) < _SAME_START
    except psutil.Error:
        return False


def _end(processes: list[psutil.Process]) -> list[str]:
    """End processes: PostgreSQL by an immediate shutdown, which gives its shared memory back, the rest at once.

    Returns the names of those that others descend from.
    """
    import psutil  # noqa: PLC0415 - as above

    names = []
    pids = {process.pid for process in processes}
    for process in processes:
        try:
            name, parent = process.name(), process.ppid()
            process.send_signal(signal.SIGQUIT if name.startswith("postgres") else signal.SIGKILL)
            if parent not in pids:
                names.append(f"{name} (pid {process.pid})")
        except psutil.NoSuchProcess:
            continue
    for process in _still_there(processes):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    _still_there(processes)
    return names


def _still_there(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Wait for processes to end, and return those that don't.

    A zombie has ended: its parent may be an init that takes a second to look (psutil.wait_procs would wait for that).
    """
    deadline = time.monotonic() + _PATIENCE
    while (left := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.005)
    for process in processes:
        try:
            os.waitpid(process.pid, os.WNOHANG)
        except ChildProcessError:  # started by an earlier command
            continue
    return left


def _runs(process: psutil.Process) -> bool:
    import psutil  # noqa: PLC0415 - as above

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _write(path: Path, record: dict[str, object]) -> None:
    scratch = path.with_suffix(".tmp")
    scratch.write_text(json.dumps(record))
    scratch.replace(path)
