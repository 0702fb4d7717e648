"""What a program writes, read as it comes and kept within bounds; and what it is given to read."""

from __future__ import annotations

import contextlib
import os
import selectors
import time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from harness.sandbox.inside.channel import Channel

MIB = 1024 * 1024
#: What is kept of the start and of the end of a stream: errors stand at the end.
HEAD, TAIL = MIB, MIB // 16
#: More than this is no output but a loop.
MOST = 64 * MIB
_CHUNK = 1 << 16
#: Seconds between two looks whether the program still runs, where nothing tells it.
_LOOK = 0.01

Ending = Literal["time", "output", "done"]


class Stream:
    """The start and the end of what was written."""

    def __init__(self) -> None:
        self.count = 0
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, data: bytes) -> None:
        """Take what was written next."""
        self.count += len(data)
        room = HEAD - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]

    def text(self) -> str:
        """Return it as text; where something is missing, a line says how much."""
        tail = self._tail[-TAIL:]
        cut = self.count - len(self._head) - len(tail)
        head = self._head.decode("utf-8", "backslashreplace")
        told = f"\n[... {cut} bytes cut ...]\n" if cut else ""
        return head + told + tail.decode("utf-8", "backslashreplace")


class Capture:
    """The three streams of a process, moved on until something happens."""

    def __init__(self, process: subprocess.Popen[bytes], given: bytes = b"") -> None:
        self.stdout, self.stderr = Stream(), Stream()
        self._given = memoryview(given)
        self._selector = selectors.DefaultSelector()
        self._open = 0
        for pipe, stream in ((process.stdout, self.stdout), (process.stderr, self.stderr), (process.stdin, None)):
            if pipe is None:
                continue
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ if stream else selectors.EVENT_WRITE, stream)
            self._open += stream is not None

    def until(self, deadline: float, *, done: Channel | Callable[[], bool] | None = None, most: float = MOST) -> Ending:
        """Move data until `done` has something to say, the time is over, or too much was written.

        With no `done`, until both streams are closed.
        """
        waits = done if done is None or callable(done) else None
        if done is not None and not callable(done):
            self._selector.register(done, selectors.EVENT_READ, done)
        try:
            while True:
                if done is None and not self._open:
                    return "done"
                if waits is not None and waits():
                    return "done"
                left = deadline - time.monotonic()
                if left <= 0:
                    return "time"
                if self._move(min(left, _LOOK) if waits else left):
                    return "done"
                if self.stdout.count + self.stderr.count > most:
                    return "output"
        finally:
            if done is not None and not callable(done):
                self._selector.unregister(done)

    def close(self) -> None:
        """Close every pipe that is still open."""
        for key in list(self._selector.get_map().values()):
            self._forget(key)
        self._selector.close()

    def _move(self, timeout: float) -> bool:
        """Move what can be moved; True when the channel has something to say."""
        told = False
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, Stream):
                self._read(key, key.data)
            elif key.data is None:
                self._write(key)
            else:
                told = True
        return told

    def _read(self, key: selectors.SelectorKey, stream: Stream) -> None:
        data = os.read(key.fd, _CHUNK)
        stream.add(data)
        if not data:
            self._forget(key)
            self._open -= 1

    def _write(self, key: selectors.SelectorKey) -> None:
        with contextlib.suppress(BrokenPipeError):
            if self._given:
                self._given = self._given[os.write(key.fd, self._given[:_CHUNK]) :]
                if self._given:
                    return
        self._forget(key)

    def _forget(self, key: selectors.SelectorKey) -> None:
        self._selector.unregister(key.fileobj)
        key.fileobj.close()  # type: ignore[union-attr]
