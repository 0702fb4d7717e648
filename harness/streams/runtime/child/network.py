"""Keeps a function's connections on this machine.

Sees what Python's own socket module does. C libraries with sockets of their own (libpq, libcurl) and other programs that
the function starts are not seen.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: Audit events with the address as last argument, and with the host as first one (Python's "Audit events table").
_TO_ADDRESS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getnameinfo"})
_LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
#: Connecting to them reaches this machine.
_ANY = frozenset({"", "0.0.0.0", "::"})  # noqa: S104


def confine(hosts: Iterable[str], function: str) -> None:
    """Refuse connections and look-ups from now on, except of this machine and `hosts`. There is no way back."""
    sys.addaudithook(gate(frozenset(hosts) | _addresses(hosts), function))


def gate(allowed: frozenset[str], function: str) -> Callable[[str, tuple[Any, ...]], None]:
    """Return the audit hook: raises PermissionError, with the host in its text, for what would leave this machine."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _TO_ADDRESS:
            address = arguments[-1]
            if _is_network(address) and not _is_allowed(host := _text(address[0])):
                raise _refusal(function, "connect to", host, address[1])
        elif event in _LOOK_UPS:
            host = _text(arguments[0])
            # An address needs no look-up, except to learn its name.
            is_answered_here = event != "socket.gethostbyaddr" and _parsed(host) is not None
            if not (is_answered_here or _is_allowed(host)):
                raise _refusal(function, "look up", host, arguments[1] if len(arguments) > 1 else None)

    def _is_allowed(host: str) -> bool:
        return host in allowed or is_here(host)

    return hook


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    host = host.rstrip(".").lower()
    if host in _ANY or host == "localhost" or host.endswith(".localhost"):
        return True
    address = _parsed(host)
    if address is None:
        return host == os.uname().nodename.lower()
    return bool((getattr(address, "ipv4_mapped", None) or address).is_loopback)


def _refusal(function: str, what: str, host: str, port: object) -> PermissionError:
    where = f"{host}:{_text(port)}" if port else host
    return PermissionError(
        errno.EACCES,
        f"{function} is confined to this machine and may not {what} {where}. "
        "To let it out, set confined = false in its table of harness.toml, or use --unconfined",
    )


def _is_network(address: object) -> bool:
    """Whether it is an address of IPv4 or IPv6, and not the path of a Unix socket or something of the kernel's."""
    return isinstance(address, tuple) and len(address) > 1 and isinstance(address[0], str | bytes | bytearray)


def _parsed(host: str) -> Any:
    import ipaddress  # noqa: PLC0415 - most functions never get here

    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return value.decode("ascii", "replace")
    return "" if value is None else str(value)


def _addresses(hosts: Iterable[str]) -> frozenset[str]:
    import socket  # noqa: PLC0415 - as above

    found: set[str] = set()
    for host in hosts:
        with suppress(OSError):
            found.update(str(entry[4][0]) for entry in socket.getaddrinfo(host, None))
    return frozenset(found)
