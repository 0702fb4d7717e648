"""Starts the helper process that builds a sandbox around itself, and takes part in its run from outside."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentFailure
from harness.sandbox.capture import Capture
from harness.sandbox.inside.channel import Channel
from harness.sandbox.inside.order import Order, Report
from harness.sandbox.relay import relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: It looks at no environment and no site-packages, and is up in 15 ms.
_FLAGS = ("-I", "-S", *(["-B"] if sys.dont_write_bytecode else []))
_BOOT = "import sys; sys.path.append(sys.argv[1]); from harness.sandbox.inside.main import main; main(int(sys.argv[2]))"
_PACKAGES = str(Path(__file__).parents[2])
#: Seconds that the helper has for an answer, and the first process inside to end everything, before they are killed.
_PATIENCE = 5.0
#: Where our own interpreter may have its libraries.
_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class Started:
    """A helper, the line to it, and what the program writes."""

    def __init__(self, order: Order, stdin: bytes | Path | None) -> None:
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        self.channel.limit(_PATIENCE)
        kept = {name: os.environ[name] for name in _LIBRARIES if name in os.environ}
        with theirs, _source(stdin) as source:
            self.process = subprocess.Popen(
                [sys.executable, *_FLAGS, "-c", _BOOT, _PACKAGES, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=kept,
                cwd="/",
                start_new_session=True,
                bufsize=0,
            )
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            # Else the program, as another user, could not open /dev/stderr, a link to the pipe: bash scripts do.
            if pipe and order.account:
                os.fchown(pipe.fileno(), *order.account)
        self.capture = Capture(self.process, stdin if isinstance(stdin, bytes) else b"")
        with contextlib.suppress(BrokenPipeError):
            self.channel.send(order._asdict())

    def receive(self) -> tuple[dict[str, Any] | None, list[int]]:
        """Wait for the helper's next message; None where it is gone, or doesn't answer."""
        try:
            return self.channel.receive()
        except TimeoutError:
            return None, []

    def end(self) -> None:
        """Kill what is left, and wait for it."""
        self.process.kill()
        self.process.wait()
        self.capture.close()
        self.channel.close()


def run_in_namespaces(
    order: Order, ports: Mapping[int, tuple[str, int]], stdin: bytes | Path | None, timeout: float
) -> tuple[Report, Capture]:
    """Run a program in namespaces of its own, and return how it ended and what it wrote."""
    started = Started(order, stdin)
    try:
        doors = [(socket.socket(fileno=door), ports[port]) for port, door in _ready(started)]
        with relay(doors):
            return _follow(started, timeout), started.capture
    finally:
        started.end()


def _ready(started: Started) -> list[tuple[int, int]]:
    """Return the listeners that the helper made, each with its port, or say what it could not do."""
    message, descriptors = started.receive()
    if message is not None and "failed" not in message:
        return list(zip(message["ports"], descriptors, strict=True))
    if message is None:
        started.capture.until(time.monotonic() + _PATIENCE)
    told = message["failed"] if message else f"the helper ended: {started.capture.stderr.text().strip()[-500:]}"
    raise EnvironmentFailure(
        f"could not isolate the program: {told}", hint="docs/isolation.md lists what the kernel must allow"
    )


def _follow(started: Started, timeout: float) -> Report:
    began = time.monotonic()
    capture, channel = started.capture, started.channel
    ending = capture.until(began + timeout, done=channel)
    if ending != "done":
        channel.finish()
        capture.until(time.monotonic() + _PATIENCE, done=channel, most=float("inf"))
    fields, _ = started.receive()
    if fields is None:
        started.process.kill()
    # All writers are gone, so this is short.
    capture.until(time.monotonic() + _PATIENCE, most=float("inf"))
    if fields is None:  # killed from outside, most likely for want of memory
        stopped = "memory" if ending == "done" else ending
        return Report(exit_code=None, stopped=stopped, left_running=(), seconds=time.monotonic() - began)
    report = Report(**fields | {"left_running": tuple(fields["left_running"])})
    return report if ending == "done" else report._replace(exit_code=None, stopped=ending)


@contextlib.contextmanager
def _source(stdin: bytes | Path | None) -> Iterator[int]:
    if not isinstance(stdin, Path):
        yield subprocess.DEVNULL if stdin is None else subprocess.PIPE
        return
    descriptor = os.open(stdin, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
