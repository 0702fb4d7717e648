"""A wire to a service that can be cut, or that goes on listening without a word."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Mode = Literal["pass", "stall", "cut"]


class Relay:
    """Passes bytes between whoever connects to `port` and a service, as long as it is told to."""

    def __init__(self, host: str, port: int) -> None:
        self.upstream = (host, port)
        self.passing = threading.Event()
        self.passing.set()
        self.mode: Mode = "pass"
        self.open: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def be(self, mode: Mode) -> None:
        """Change how it is; what is connected feels it, too."""
        self.mode = mode
        if mode == "stall":
            self.passing.clear()
            return
        self.passing.set()
        if mode == "cut":
            self._cut()

    def close(self) -> None:
        self.closed = True
        self.be("cut")
        self.listener.close()

    def _accept(self) -> None:
        while not self.closed:
            with suppress(OSError):
                near, _ = self.listener.accept()
                if self.mode == "cut":
                    near.close()
                    continue
                far = socket.create_connection(self.upstream)
                self.open += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.passing.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _cut(self) -> None:
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.open.clear()


@contextmanager
def relay(host: str, port: int) -> Iterator[Relay]:
    made = Relay(host, port)
    try:
        yield made
    finally:
        made.close()
