"""What every engine can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harness.endpoint import DynamoDBEndpoint, PostgresEndpoint
    from harness.service import Service


class Engine(Protocol):
    """How services run. Knows processes and ports; knows no data."""

    @property
    def name(self) -> str:
        """`docker`, `embedded` or `external`."""

    def check(self) -> str | None:
        """None when this engine can work here and now, else the reason why not."""

    def start(self, service: Service) -> DynamoDBEndpoint | PostgresEndpoint:
        """Record, then start the service, and return where it will answer; it need not answer yet."""

    def stop(self) -> tuple[str, ...]:
        """Stop and remove everything this engine started for this stack, also what a killed harness left; name it."""

    def logs(self, service: Service, lines: int) -> str:
        """Return the last lines that the service wrote."""

    def alive(self, service: Service) -> str | None:
        """None while the service runs, else what became of it (for example `exited with code 1`)."""
