"""One process that runs AWS's runtime client: started, listened to, kept within its limits, and ended for good."""

from __future__ import annotations

import fcntl
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any

import harness
from harness.streams.runtime import process_tree
from harness.streams.runtime.api_server import RuntimeApi
from harness.streams.runtime.output import LineSplitter
from harness.streams.runtime.variables import variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.streams.runtime.configuration import FunctionConfiguration

#: Seconds between two looks at the process while it works.
_TICK = 0.05
_PIECE = 1 << 16
_MB = 1 << 20
_MARK = "AWS_LAMBDA_LOG_STREAM_NAME"
#: The harness may be importable only because of where the caller stands; the function's import path has no share in it.
_ENTRY = (
    "import sys; sys.path.insert(0, {root!r}); from harness.streams.runtime.child.bootstrap import main; "
    "sys.path.remove({root!r}); main({lifeline})"
)


class Stop(Enum):
    """Why listening to the process came to an end."""

    DONE = auto()
    DEADLINE = auto()
    MEMORY = auto()
    EXITED = auto()


class RuntimeProcess:
    """The process, its Runtime API and its output. Everything happens in the thread that calls `run`."""

    def __init__(self, configuration: FunctionConfiguration, *, log_stream: str, log: Callable[[str], None]) -> None:
        self._log, self._mark, self._limit = log, log_stream, configuration.memory * _MB
        self._lines = LineSplitter()
        self._selector = selectors.DefaultSelector()
        self.api = RuntimeApi(self._selector)
        self._output, written = os.pipe()
        os.set_blocking(self._output, False)
        self._selector.register(self._output, selectors.EVENT_READ, self._read_output)
        read, self._lifeline = os.pipe()
        os.write(self._lifeline, json.dumps(_settings(configuration)).encode() + b"\n")
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _ENTRY.format(root=str(Path(harness.__file__).parents[1]), lifeline=read)],
                cwd=configuration.code,
                env=variables(configuration, runtime_api=self.api.address, log_stream=log_stream),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                pass_fds=[read],
                start_new_session=True,
            )
        except BaseException:
            self._close()
            raise
        finally:
            os.close(written)
            os.close(read)
        #: Bytes of memory that it and its children had at most, as far as we saw.
        self.peak = 0
        self._exit = self._watch_exit()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int:
        """Return how it ended; negative for a signal."""
        code = self._process.poll()
        return -signal.SIGKILL if code is None else code

    def run(self, *, deadline: float, until: Callable[[], bool]) -> Stop:
        """Serve the process until the condition holds, or it is over its limits. `deadline` is of `time.monotonic`."""
        stop = self._serve(deadline, until)
        self._read_peak()
        return Stop.MEMORY if stop is Stop.DONE and self.peak > self._limit else stop

    def _serve(self, deadline: float, until: Callable[[], bool]) -> Stop:
        self._look = time.monotonic() + _TICK
        while not until():
            now = time.monotonic()
            if now >= deadline:
                return Stop.DEADLINE
            if now >= self._look:
                self._look = now + _TICK
                if not self.is_alive:
                    return Stop.EXITED
                memory = process_tree.memory(self._process.pid)
                self.peak = max(self.peak, memory)
                if memory > self._limit:
                    return Stop.MEMORY
            for key, _ in self._selector.select(min(self._look, deadline) - now):
                key.data()
        return Stop.DONE

    def drain(self) -> None:
        """Log what has been written up to now; what a thread or a child goes on writing is for later."""
        with suppress(KeyError, OSError):
            self._selector.get_key(self._output)
            (waiting,) = struct.unpack("i", fcntl.ioctl(self._output, termios.FIONREAD, b"\0" * 4))
            while waiting > 0 and (read := self._read_output()):
                waiting -= read
        for line in self._lines.flush():
            self._log(line)

    def interrupt(self) -> None:
        """End it from another thread: `run` then finds it gone."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and everything it started, and give back what it held."""
        self.interrupt()
        self._process.wait()
        process_tree.kill_marked(_MARK, self._mark)
        self.drain()
        if self._exit is not None:
            os.close(self._exit)
        self._close()

    def _watch_exit(self) -> int | None:
        """Wake up as soon as it ends; where the kernel can't tell (before Linux 5.3), the next look sees it."""
        try:
            exit_ = os.pidfd_open(self._process.pid)
        except OSError:
            return None
        self._selector.register(exit_, selectors.EVENT_READ, self._look_now)
        return exit_

    def _look_now(self) -> None:
        self._look = 0.0
        if self._exit is not None:
            self._selector.unregister(self._exit)
            os.close(self._exit)
            self._exit = None

    def _read_peak(self) -> None:
        """Ask the kernel, which misses nothing between two looks (VmHWM of proc_pid_status(5); a zombie has none)."""
        with suppress(OSError):
            for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.peak = max(self.peak, int(line.split()[1]) * 1024)

    def _close(self) -> None:
        self.api.close()
        self._selector.close()
        os.close(self._output)
        os.close(self._lifeline)

    def _read_output(self) -> int:
        try:
            data = os.read(self._output, _PIECE)
        except BlockingIOError:
            return 0
        for line in self._lines.feed(data):
            self._log(line)
        if not data:  # nobody holds the other end any more
            self._selector.unregister(self._output)
        return len(data)


def _settings(configuration: FunctionConfiguration) -> dict[str, Any]:
    """Return what the child's guard goes by; see `child/bootstrap.py`."""
    credentials = configuration.credentials
    return {
        "confined": configuration.confined,
        "function": configuration.name,
        "region": configuration.region,
        "services": configuration.services,
        "hosts": list(configuration.hosts),
        "credentials": [credentials.access_key_id, credentials.secret_access_key, credentials.session_token],
    }
