"""The engine that needs pip and nothing else: MiniStack and PostgreSQL as child processes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.engines import ministack_process, ports, postgres_process, processes

if TYPE_CHECKING:
    from pathlib import Path

    from harness.endpoint import DynamoDBEndpoint, PostgresEndpoint
    from harness.service import Service


class EmbeddedEngine:
    """Child processes that survive the command; all they write is in `home`, the cluster of root's beside it.

    `passing`: they are for one command or test run, and the cluster is best in memory.
    """

    name = "embedded"

    def __init__(self, *, home: Path, region: str, passing: bool = False) -> None:
        self._home = home
        self._passing = passing
        self._region = region

    def check(self) -> str | None:
        """None when both programs are at hand, else what is missing."""
        if sys.platform == "win32":
            return "it needs Linux or macOS (on Windows: WSL)"
        return ministack_process.check() or postgres_process.check()

    def start(self, service: Service) -> DynamoDBEndpoint | PostgresEndpoint:
        """Record, then start the process."""
        ports.require_free(service)
        if service.name == "dynamodb":
            return ministack_process.start(service, home=self._home, region=self._region)
        return postgres_process.start(service, home=self._home, passing=self._passing)

    def stop(self) -> tuple[str, ...]:
        """End every process of this stack, recorded or not, and remove the cluster."""
        stopped = processes.stop_all(self._home, data=postgres_process.data_folders(self._home))
        postgres_process.remove_data(self._home)
        return tuple(stopped)

    def logs(self, service: Service, lines: int) -> str:
        """Return the last lines that the process wrote."""
        return processes.last_lines(self._home, service.name, lines)

    def alive(self, service: Service) -> str | None:
        """None while the process runs, else what became of it."""
        return processes.became(self._home, service.name)
