"""The engine that runs the compose file's containers, through the Docker SDK."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from harness.endpoint import LOOPBACK, DynamoDBEndpoint, PostgresEndpoint
from harness.engines import docker_client, ports
from harness.engines.compose import ComposeService, read_compose
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient
    from docker.models.containers import Container

    from harness.dataset import Progress
    from harness.service import Service, ServiceName

#: Only what carries our labels is ever touched.
PROJECT_LABEL, STACK_LABEL, SERVICE_LABEL = "harness.project", "harness.stack", "harness.service"
_SERVICES: tuple[ServiceName, ...] = ("dynamodb", "postgres")


class DockerEngine:
    """Containers made from the compose file, published on 127.0.0.1 only, known by their labels."""

    name = "docker"

    def __init__(  # noqa: PLR0913 - what a set of containers is made of
        self,
        compose: Path,
        *,
        project: Path,
        home: Path,
        region: str,
        shared: bool,
        published: dict[ServiceName, int],
        progress: Progress,
    ) -> None:
        self._compose = compose
        self._project = project
        self._home = home
        self._region = region
        self._shared = shared
        self._published = published
        self._progress = progress

    def check(self) -> str | None:
        """None when the engine answers and both images are there (pulled if need be), else the reason.

        A compose file that can't be used is no reason to go elsewhere silently: UsageError.
        """
        if not self._compose.is_file():
            return f"there is no compose file {self._compose}"
        if (reason := docker_client.unreachable()) is not None:
            return reason
        for service in self._services().values():
            if (reason := docker_client.missing_image(service.image, self._progress)) is not None:
                return reason
        return None

    def start(self, service: Service) -> DynamoDBEndpoint | PostgresEndpoint:
        """Create the container with its labels, then start it."""
        found = self._services()[service.name]
        with docker_client.connected() as client:
            if not ports.is_free(service.port):
                raise ports.port_taken(service, container=_publisher(client, service.port))
            container = client.containers.create(found.image, **self._arguments(service, found))
            self._start(client, container, service)
        if service.name == "dynamodb":
            return DynamoDBEndpoint(url=f"http://{LOOPBACK}:{service.port}", region=self._region)
        user = found.environment.get("POSTGRES_USER", "postgres")
        return PostgresEndpoint(
            host=LOOPBACK,
            port=service.port,
            user=user,
            password=found.environment.get("POSTGRES_PASSWORD", ""),
            database=found.environment.get("POSTGRES_DB", user),
        )

    def stop(self) -> tuple[str, ...]:
        """Remove every container that carries this stack's label, running or not."""
        from docker.errors import NotFound  # noqa: PLC0415 - 0.3 s

        removed = []
        with docker_client.connected() as client:
            for container in self._containers(client):
                try:
                    container.remove(force=True, v=True)
                except NotFound:
                    continue
                removed.append(f"container {container.name}")
        return tuple(removed)

    def logs(self, service: Service, lines: int) -> str:
        """Return the last lines that the container wrote."""
        with docker_client.connected() as client:
            for container in self._containers(client, service):
                return container.logs(tail=lines).decode(errors="replace")
        return ""

    def alive(self, service: Service) -> str | None:
        """None while the container runs, else what became of it."""
        with docker_client.connected() as client:
            for container in self._containers(client, service):
                if container.status == "running":
                    return None
                return f"is {container.status} (exit code {container.attrs['State']['ExitCode']})"
        return "has no container"

    def _services(self) -> dict[str, ComposeService]:
        variables = {**os.environ}
        for name, port in self._published.items():
            variables[f"HARNESS_{name.upper()}_PORT"] = str(port)
        if not self._shared:
            variables["DYNAMODB_LOCAL_SHARING"] = ""
        return read_compose(self._compose, _SERVICES, variables)

    def _containers(self, client: DockerClient, service: Service | None = None) -> list[Container]:
        labels = [f"{STACK_LABEL}={self._home}"] + ([f"{SERVICE_LABEL}={service.name}"] if service else [])
        return client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)

    def _arguments(self, service: Service, found: ComposeService) -> dict[str, Any]:
        health = found.healthcheck
        return {
            "name": f"harness-{hashlib.sha256(str(self._home).encode()).hexdigest()[:10]}-{service.name}",
            "command": list(found.command) if found.command is not None else None,
            "environment": found.environment,
            "ports": {f"{found.container_port}/tcp": (LOOPBACK, service.port)},
            "volumes": [":".join(filter(None, volume)) if volume[0] else volume[1] for volume in found.volumes],
            "tmpfs": found.tmpfs,
            "user": found.user,
            "working_dir": found.working_dir,
            "labels": {PROJECT_LABEL: str(self._project), STACK_LABEL: str(self._home), SERVICE_LABEL: service.name},
            "healthcheck": health
            and {
                "test": list(health.test),
                "interval": health.interval,
                "timeout": health.timeout,
                "retries": health.retries,
                "start_period": health.start_period,
            },
        }

    def _start(self, client: DockerClient, container: Container, service: Service) -> None:
        from docker.errors import APIError  # noqa: PLC0415 - 0.3 s

        try:
            container.start()
        except APIError as exc:
            if any(words in str(exc) for words in ("port is already allocated", "address already in use")):
                raise ports.port_taken(service, container=_publisher(client, service.port)) from exc
            raise EnvironmentFailure(
                f"{service.name}: the container {container.name} does not start: {exc.explanation}",
                hint=f"docker logs {container.name}; or use --engine embedded",
            ) from exc


def _publisher(client: DockerClient, port: int) -> str | None:
    """Name the container that publishes the port, if one does."""
    for container in client.containers.list(filters={"publish": str(port)}, ignore_removed=True):
        project = container.labels.get(PROJECT_LABEL)
        return f"{container.name} (the stack of {project})" if project else container.name
    return None
