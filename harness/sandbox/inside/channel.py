"""The line between the harness and its helper: JSON lines, and file descriptors that travel with them."""

from __future__ import annotations

import json
import socket
from typing import Any

_CHUNK = 65536
_MOST_DESCRIPTORS = 200


class Channel:
    """One end of a Unix stream socket (descriptors as ancillary data: unix(7), SCM_RIGHTS)."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._read = bytearray()

    def fileno(self) -> int:
        """Return what select can wait for."""
        return self._end.fileno()

    def send(self, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
        """Send one message, and hand over copies of the descriptors."""
        data = json.dumps(message).encode() + b"\n"
        if descriptors:
            socket.send_fds(self._end, [data[:1]], descriptors)
            data = data[1:]
        self._end.sendall(data)

    def receive(self) -> tuple[dict[str, Any] | None, list[int]]:
        """Wait for one message; None where the other end is gone."""
        descriptors: list[int] = []
        while b"\n" not in self._read:
            data, came, _, _ = socket.recv_fds(self._end, _CHUNK, _MOST_DESCRIPTORS)
            descriptors += came
            if not data:
                return None, descriptors
            self._read += data
        line, _, rest = bytes(self._read).partition(b"\n")
        self._read = bytearray(rest)
        return json.loads(line), descriptors

    def finish(self) -> None:
        """Let the other end know that nothing more comes: for the helper, the word to end everything."""
        self._end.shutdown(socket.SHUT_WR)

    def limit(self, seconds: float) -> None:
        """Wait no longer than this for a message; then it is a TimeoutError."""
        self._end.settimeout(seconds)

    def close(self) -> None:
        """Close this end."""
        self._end.close()
