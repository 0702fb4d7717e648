"""Listeners inside, whose connections are taken up outside.

A socket stays in the network namespace that it was made in (network_namespaces(7)), whoever holds it: the harness
accepts on them and connects to the real engines in its own namespace. No process inside takes part.
"""

from __future__ import annotations

import contextlib
import socket

_WAITING = 128


def listen(ports: tuple[int, ...]) -> list[tuple[int, socket.socket]]:
    """Return listeners on both loopback addresses, each with its port."""
    doors = [(port, _listener(socket.AF_INET, "127.0.0.1", port)) for port in ports]
    with contextlib.suppress(OSError):  # a kernel without IPv6: nobody inside can use the address either
        doors += [(port, _listener(socket.AF_INET6, "::1", port)) for port in ports]
    return doors


def _listener(family: int, address: str, port: int) -> socket.socket:
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    door.bind((address, port))
    door.listen(_WAITING)
    return door
