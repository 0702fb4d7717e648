"""Looks at this machine: engines, ports, names, variables."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from harness.dataset import silent
from harness.diagnosis.machine import Machine, Port
from harness.engines.ports import holder_of, is_free, listened_at
from harness.engines.registry import open_engine
from harness.errors import EnvironmentFailure
from harness.logs import mask
from harness.stack.finding import home_of, recorded
from harness.stack.running import addresses, unanswered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.config import Config

_SECRET = ("SECRET", "TOKEN", "PASSWORD")
_WANTED = ("AWS_", "HARNESS_", "PG", "DATABASE_URL", "CONNECTION_URL", "PROD_CONNECTION_URL", "DOCKER_HOST")


def look_at_machine(config: Config, environ: Mapping[str, str]) -> Machine:
    """Return what checks need to know of it. Starts nothing and changes nothing."""
    ours, trouble = _own_stack(config)
    return Machine(
        engines={name: _usable(name, config) for name in ("docker", "embedded")},
        ports=tuple(_port(service, number, ours) for service, number in sorted(config.ports.items())),
        localhost=_resolve("localhost"),
        environment={name: _shown(name, value) for name, value in environ.items() if name.startswith(_WANTED)},
        stack_trouble=trouble,
    )


def _usable(name: str, config: Config) -> str | None:
    return open_engine(name, config, home=home_of(config), ports={}, shared=True, progress=silent).check()


def _port(service: str, number: int, ours: frozenset[int]) -> Port:
    return Port(
        number=number,
        service=service,
        holder=None if is_free(number) else holder_of(number)[0],
        ours=number in ours,
        addresses=listened_at(number),
    )


def _resolve(name: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _shown(name: str, value: str) -> str:
    return "***" if any(word in name for word in _SECRET) else mask(value)


def _own_stack(config: Config) -> tuple[frozenset[int], str | None]:
    """Return the ports of the stack that is recorded, and why it does not answer."""
    try:
        stack = recorded(config)
    except EnvironmentFailure as failure:
        return frozenset(), failure.message
    if stack is None:
        return frozenset(), None
    return frozenset(port for _, port in addresses(stack.endpoints).values()), unanswered(stack)
