"""The first code of a function's process: sees that it ends with the harness, sets the guard, calls the runtime client."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import select
import signal
import sys
from typing import Any

from harness.streams.runtime.child.clients import watch_clients
from harness.streams.runtime.child.network import confine
from harness.streams.runtime.child.telling import Telling

#: Names the signal that O_ASYNC sends (fcntl(2)); Python's module lacks it.
_F_SETSIG = 10


def main(lifeline: int) -> None:
    """Run the handler for every event. `lifeline` is a pipe that the harness holds as long as it lives."""
    settings = _settings(lifeline)
    _end_with(lifeline)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from awslambdaric.__main__ import main as serve  # noqa: PLC0415 - once the function is sure to end with the harness

    watch_clients(settings, Telling(os.environ["AWS_LAMBDA_RUNTIME_API"]))
    if settings["confined"]:
        confine(settings["hosts"], settings["function"])
    for name in [name for name in sys.modules if name.partition(".")[0] == "harness"]:
        del sys.modules[name]  # the function may have modules of that name
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    serve(["bootstrap", os.environ["_HANDLER"]])


def _settings(lifeline: int) -> dict[str, Any]:
    """Read the one line that comes before the silence."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(lifeline, 1 << 16)
        if not piece:
            sys.exit("the harness is gone")
        line += piece
    settings: dict[str, Any] = json.loads(line)
    return settings


def _end_with(lifeline: int) -> None:
    """Let the kernel kill this process and all its group once nobody holds the other end of the pipe.

    Unlike a thread that waits for the end, this also works while the handler keeps the interpreter to itself; unlike
    PR_SET_PDEATHSIG, it reaches the children and doesn't depend on the thread that started us.
    """
    os.set_inheritable(lifeline, False)  # noqa: FBT003 - its only way
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # it happened before we were ready
        os.killpg(os.getpgrp(), signal.SIGKILL)
