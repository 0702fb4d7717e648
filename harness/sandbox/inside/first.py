"""The first process inside: it starts the program, buries what is orphaned, and ends whatever is left.

When pid 1 of a namespace ends, the kernel kills the whole namespace (pid_namespaces(7)): there is nothing a program
could do to survive it, and signals from inside do not reach it.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import time
from typing import TYPE_CHECKING, NoReturn

from harness.sandbox.inside import linux
from harness.sandbox.inside.doors import listen
from harness.sandbox.inside.order import Order, Report, Stopped
from harness.sandbox.inside.program import become
from harness.sandbox.inside.root import build
from harness.sandbox.inside.watch import Watch, command_lines, others

if TYPE_CHECKING:
    from harness.sandbox.inside.channel import Channel

#: Seconds between two looks at the limits.
_LOOK = 0.05
#: Seconds that others than the program may take to end after it, as the `tee` of a pipeline does.
_GRACE = 0.1
_GRACE_LOOK = 0.005


def be_first(order: Order, channel: Channel) -> NoReturn:
    """Do all that pid 1 does, and end."""
    try:
        doors = _prepare(order)
    except OSError as exc:
        channel.send({"failed": f"{exc.filename or 'setting up'}: {exc.strerror}"})
        os._exit(1)
    woken = _wake_on_child()
    watch = Watch(order.ground, order.limits)
    channel.send({"ports": [port for port, _ in doors]}, [door.fileno() for _, door in doors])
    for _, door in doors:
        door.close()
    started = time.monotonic()
    program = os.fork()
    if program == 0:
        become(order)
    exit_code, stopped = _attend(program, watch, channel, woken)
    left = command_lines() if exit_code is None else _linger()
    _end_all()
    seconds = time.monotonic() - started
    channel.send(Report(exit_code=exit_code, stopped=stopped, left_running=left, seconds=seconds)._asdict())
    os._exit(0)


def _prepare(order: Order) -> list[tuple[int, socket.socket]]:
    """Set all up inside, and return the doors."""
    if os.getpid() != 1:
        raise OSError(errno.EPERM, "no pid namespace was made")
    linux.die_with_parent()
    socket.sethostname("sandbox")
    linux.loopback_up()
    doors = listen(order.ports)
    build(order)
    linux.keep_others_out()
    return doors


def _attend(program: int, watch: Watch, channel: Channel, woken: int) -> tuple[int | None, Stopped | None]:
    """Wait for the program to end, for a limit, or for the word of the harness (or its death, which reads the same)."""
    while True:
        ready, _, _ = select.select([woken, channel.fileno()], [], [], _LOOK)
        if woken in ready:
            os.read(woken, 4096)
        if (exit_code := _bury(program)) is not None:
            return exit_code, None
        if channel.fileno() in ready:
            return None, None
        if (limit := watch.exceeded()) is not None:
            return None, limit


def _bury(program: int) -> int | None:
    """Reap all that has ended, and return the program's exit code if it is among them."""
    exit_code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return exit_code
        if pid == 0:
            return exit_code
        if pid == program:
            exit_code = os.waitstatus_to_exitcode(status)


def _linger() -> tuple[str, ...]:
    """Return what is still running a moment after the program ended."""
    until = time.monotonic() + _GRACE
    while others() and time.monotonic() < until:
        select.select([], [], [], _GRACE_LOOK)
        _bury(0)
    return command_lines()


def _end_all() -> None:
    """Kill everything but this process (kill(2), pid -1), until a fork that raced with it is gone as well."""
    if os.getpid() != 1:  # outside of a pid namespace that would be the whole machine
        return
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
            os.waitpid(-1, 0)
        except (ProcessLookupError, ChildProcessError):
            return


def _wake_on_child() -> int:
    """Return a descriptor that gets something to read whenever a child ends."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # A signal that pid 1 has no handler for doesn't reach it from inside, but Python puts one here.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading
