"""Which ports are free, and who holds those that are not."""

from __future__ import annotations

import os
import random
import socket
from typing import TYPE_CHECKING, Any

from harness.endpoint import LOOPBACK
from harness.engines.processes import MARKER
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.service import Service, ServiceName

#: Below what Linux and macOS hand out to outgoing connections, which could take a port between choice and use.
_CHOICE = range(20_000, 32_000)

FLAGS: dict[ServiceName, str] = {"dynamodb": "--dynamodb-port", "postgres": "--postgres-port"}


class PortTaken(EnvironmentFailure):
    """Somebody else listens where a service was to answer."""


def free_port(*, besides: Collection[int] = ()) -> int:
    """Return a port on 127.0.0.1 that nobody listens on now, other than those in `besides`."""
    chooser = random.SystemRandom()
    for _ in range(200):
        port = chooser.choice(_CHOICE)
        if port not in besides and is_free(port):
            return port
    raise EnvironmentFailure(
        f"no free port on {LOOPBACK} among 200 tried between {_CHOICE.start} and {_CHOICE.stop}",
        hint="look for what holds them: ss -ltn",
    )


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1 at `port` now, beside one on all addresses too."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(service: Service, *, container: str | None = None) -> None:
    """Raise PortTaken, naming the holder where the system tells, unless the service's port is free."""
    if not is_free(service.port):
        raise port_taken(service, container=container)


def port_taken(service: Service, *, container: str | None = None) -> PortTaken:
    """Say that a port is taken, by whom, and how to move the service."""
    flag = f"{FLAGS[service.name]} PORT"
    if container is not None:
        held = f"the container {container}"
        stop = f"docker stop {container}"
    else:
        held, stop = holder_of(service.port)
    return PortTaken(
        f"{service.name}: port {service.port} on {LOOPBACK} is taken by {held}",
        hint=f"stop it ({stop}), or move {service.name}: {flag}",
    )


def listened_at(port: int) -> tuple[str, ...]:
    """Return the addresses at which somebody listens on the port, such as `127.0.0.1` and `::`."""
    return tuple(sorted({str(each.laddr.ip) for each in _listening(port)}))


def _listening(port: int) -> list[Any]:
    import psutil  # noqa: PLC0415 - 60 ms that only a failure has to pay

    try:
        found = psutil.net_connections("tcp")
    except psutil.AccessDenied:  # macOS, as an ordinary user
        return []
    return [each for each in found if each.status == "LISTEN" and each.laddr and each.laddr.port == port]


def holder_of(port: int) -> tuple[str, str]:
    """Who listens on the port, in words, and the command that stops or at least names it."""
    import psutil  # noqa: PLC0415 - as above

    listening = _listening(port)
    for pid in sorted({c.pid for c in listening if c.pid}):
        try:
            process = psutil.Process(pid)
            name = process.name()
        except psutil.Error:
            continue
        if name == "docker-proxy":
            return "a container (docker-proxy)", f"docker ps --filter publish={port} names it"
        return _described(process, name)
    if listening:
        return "a process of another user", f"sudo ss -ltnp 'sport = :{port}' names it"
    return "a process that the system does not name", f"ss -ltn 'sport = :{port}'"


def _described(process: object, name: str) -> tuple[str, str]:
    import psutil  # noqa: PLC0415 - as above

    assert isinstance(process, psutil.Process)  # noqa: S101 - narrows for mypy; psutil is a lazy import
    try:
        home = process.environ().get(MARKER)
    except psutil.Error:
        home = None
    if home is not None:
        project = os.path.dirname(os.path.dirname(home))  # noqa: PTH120 - a text of another project, not our path
        return f"the stack of {project} (pid {process.pid})", f"cd {project} && harness down"
    return f"{name} (pid {process.pid})", f"kill {process.pid}"
