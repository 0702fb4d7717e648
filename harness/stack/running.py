"""Both services, running, as one value; and the cheap questions to ask them."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint, UserPool
from harness.engines import external, identity_process
from harness.errors import EnvironmentFailure
from harness.service import Service, ServiceName
from harness.stores.probe import probe_dynamodb, probe_postgres
from harness.stores.user_pools import UserPools

if TYPE_CHECKING:
    from pathlib import Path

    from harness.config import Config
    from harness.engines.base import Engine

SERVICES: tuple[ServiceName, ...] = ("dynamodb", "postgres")
#: Seconds to connect to a port that is said to be served.
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Both services, running."""

    config: Config
    runner: Engine
    endpoints: Endpoints
    home: Path
    passed_over: tuple[tuple[str, str], ...]
    #: ISO 8601, UTC.
    started_at: str
    #: Made for one command and removed with it.
    ephemeral: bool
    #: None before `up` has filled it, and in stacks that nobody signs in to.
    identity: UserPool | None = None

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self.runner.name

    @property
    def project(self) -> Path:
        """The folder of the project that it belongs to."""
        return self.config.project

    def shown(self) -> dict[str, str]:
        """Return where everything answers, without passwords."""
        shown = {"dynamodb": self.endpoints.dynamodb.url, "postgres": self.endpoints.postgres.shown}
        return shown if self.identity is None else shown | {"identity": self.identity.shown}

    def require_writable(self, verb: str) -> None:
        """Raise UsageError when `verb` would change a remote target that may not be changed."""
        external.require_writable(self.config, self.endpoints, verb)

    def logs(self, service: ServiceName | Literal["identity"], lines: int) -> str:
        """Return the last lines that the service wrote."""
        if service == "identity":
            return identity_process.logs(self.home, self.engine, lines)
        return self.runner.logs(self._service(service), lines)

    def status(self) -> dict[str, str | None]:
        """Tell of each service what is wrong with it; None: it answers."""
        found: dict[str, str | None] = {name: self._trouble(name) for name in SERVICES}
        return found if self.identity is None else found | {"identity": self.identity_trouble()}

    def identity_trouble(self) -> str | None:
        """Tell what is wrong with the user pool; None: it answers."""
        if self.identity is None:
            return "was never filled"
        pool_id = self.identity.pool_id
        with closing(UserPools(self.identity.endpoint)) as pools:
            try:
                there = pools.has_pool(pool_id)
            except EnvironmentFailure as exc:
                return identity_process.became(self.home, self.engine) or exc.message
        return None if there else f"answers, and has no pool {pool_id}"

    def _trouble(self, name: ServiceName) -> str | None:
        try:
            probe(self.endpoints.dynamodb if name == "dynamodb" else self.endpoints.postgres)
        except OSError as exc:
            return self.runner.alive(self._service(name)) or str(exc)
        except EnvironmentFailure as exc:
            return exc.message
        return None

    def _service(self, name: ServiceName) -> Service:
        return Service(name=name, port=addresses(self.endpoints)[name][1])


def probe(endpoint: DynamoDBEndpoint | PostgresEndpoint) -> None:
    """Ask the one question that proves service."""
    if isinstance(endpoint, DynamoDBEndpoint):
        probe_dynamodb(endpoint)
    else:
        probe_postgres(endpoint)


def unanswered(stack: Stack) -> str | None:
    """None when both ports take connections; a thorough question would cost every command a driver's import."""
    for name, address in addresses(stack.endpoints).items():
        try:
            socket.create_connection(address, timeout=_PATIENCE).close()
        except OSError as exc:
            return f"{name} at {address[0]}:{address[1]}: {exc}"
    return None


def addresses(endpoints: Endpoints) -> dict[ServiceName, tuple[str, int]]:
    """Host and port of each service."""
    parts = urlsplit(endpoints.dynamodb.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {"dynamodb": (parts.hostname or "", port), "postgres": (endpoints.postgres.host, endpoints.postgres.port)}
