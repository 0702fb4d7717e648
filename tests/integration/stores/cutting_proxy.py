"""A server that dies in the middle, on every engine: a proxy that lets so many bytes through and then is gone."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class CuttingProxy:
    """Passes bytes on until `allowed` have gone to the server; then it closes everything and answers no more."""

    def __init__(self, host: str, port: int, allowed: int) -> None:
        self._target = (host, port)
        self._left = allowed
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.cut.set()
        for each in (self._listener, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while not self.cut.is_set():
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets += [client, server]
            threading.Thread(target=self._pass_on, args=(client, server), kwargs={"counted": True}, daemon=True).start()
            threading.Thread(
                target=self._pass_on, args=(server, client), kwargs={"counted": False}, daemon=True
            ).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, *, counted: bool) -> None:
        try:
            while data := source.recv(65536):
                if counted and self._spend(len(data)):
                    self.close()
                    return
                sink.sendall(data)
        except OSError:
            pass
        for each in (source, sink):
            each.close()

    def _spend(self, size: int) -> bool:
        with self._lock:
            self._left -= size
            return self._left < 0


@contextmanager
def cut_after(allowed: int, host: str, port: int) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(host, port, allowed)
    try:
        yield proxy
    finally:
        proxy.close()
