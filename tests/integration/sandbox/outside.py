"""What a test looks at, or sets up, outside of the sandbox."""

from __future__ import annotations

import contextlib
import socket
import threading
import uuid
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def mark() -> str:
    """Return a word that no other process has in its command line."""
    return f"sandboxed-{uuid.uuid4().hex}"


def running(word: str) -> list[str]:
    """Return the command lines on this machine that have a word in them, but for the one that was killed just now."""
    told = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and any(word in part for part in process.cmdline()):
                told.append(" ".join(process.cmdline()))
    return told


@contextlib.contextmanager
def serving(
    handle: Callable[[socket.socket], None],
    family: int = socket.AF_INET,
    address: tuple[str, int] | str = ("127.0.0.1", 0),
) -> Iterator[socket.socket]:
    """Serve each connection in a thread until the block ends."""
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=serve, args=(connection,))
            thread.start()
            threads.append(thread)

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            handle(connection)

    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen()
        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield listener
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join()
            for thread in threads:
                thread.join()


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port
