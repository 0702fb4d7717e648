"""The docker engine by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.dataset import silent
from harness.engines import docker_client
from harness.engines.registry import open_engine
from harness.errors import UsageError
from harness.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.config import Config
    from harness.engines.base import Engine

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("needs_docker")]


def engine_for(config: Config, *, shared: bool = True) -> Engine:
    return open_engine(
        "docker", config, home=config.state_folder / "stack", ports=config.ports, shared=shared, progress=silent
    )


@pytest.fixture
def engine(project: Config) -> Iterator[Engine]:
    engine = engine_for(project)
    yield engine
    engine.stop()


@pytest.mark.parametrize("shared", [True, False])
def test_container_is_what_the_compose_file_says(project: Config, shared: bool) -> None:  # noqa: FBT001
    engine = engine_for(project, shared=shared)
    try:
        engine.start(Service(name="dynamodb", port=project.ports["dynamodb"]))
        with docker_client.connected() as client:
            (container,) = client.containers.list(filters={"label": f"harness.project={project.project}"})
            attributes = container.attrs
    finally:
        engine.stop()
    assert attributes["Config"]["Image"] == "amazon/dynamodb-local:1.25.1"
    assert ("-sharedDb" in attributes["Config"]["Cmd"]) is shared
    assert "-disableTelemetry" in attributes["Config"]["Cmd"]
    assert attributes["Config"]["Healthcheck"]["Interval"] == 1_000_000_000
    assert attributes["Config"]["Healthcheck"]["Retries"] == 60
    assert attributes["HostConfig"]["PortBindings"] == {
        "8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(project.ports["dynamodb"])}]
    }
    assert attributes["Config"]["Labels"]["harness.stack"] == str(project.state_folder / "stack")


def test_postgres_is_kept_in_memory_and_leaves_no_volume(project: Config, engine: Engine) -> None:
    with docker_client.connected() as client:
        volumes = {volume.name for volume in client.volumes.list()}
        engine.start(Service(name="postgres", port=project.ports["postgres"]))
        (container,) = client.containers.list(filters={"label": f"harness.project={project.project}"})
        assert container.attrs["HostConfig"]["Tmpfs"] == {"/var/lib/postgresql": ""}
        mounted = {mount.get("Name") for mount in container.attrs["Mounts"]}
        engine.stop()
        left = {volume.name for volume in client.volumes.list()} - volumes
        assert mounted & left == set()


def test_missing_image_that_cannot_be_pulled_is_named_with_the_way_to_get_it(project: Config) -> None:
    compose = project.project / "compose.yml"
    compose.write_text(project.compose.read_text().replace("postgres:18.6", "127.0.0.1:9/no-such-image:1"))
    reason = engine_for(replace(project, compose=compose)).check()
    assert reason is not None
    assert "127.0.0.1:9/no-such-image:1 is not here and can't be pulled" in reason
    assert "`docker pull 127.0.0.1:9/no-such-image:1`" in reason


def test_broken_compose_file_is_not_passed_over(project: Config) -> None:
    compose = project.project / "compose.yml"
    compose.write_text(project.compose.read_text().replace("    image: postgres", "    build: .\n    image: postgres"))
    line = compose.read_text().splitlines().index("    build: .") + 1
    with pytest.raises(UsageError, match=rf"compose\.yml:{line}: `build` is not supported"):
        engine_for(replace(project, compose=compose)).check()


def test_project_without_a_compose_file_is_a_reason(project: Config) -> None:
    gone = project.project / "gone.yml"
    assert engine_for(replace(project, compose=gone)).check() == f"there is no compose file {gone}"


def test_exit_of_a_container_is_told_with_its_log(project: Config) -> None:
    compose = project.project / "compose.yml"
    compose.write_text(project.compose.read_text().replace("-inMemory", "-noSuchOption"))
    engine = engine_for(replace(project, compose=compose))
    service = Service(name="dynamodb", port=project.ports["dynamodb"])
    try:
        assert engine.alive(service) == "has no container"
        engine.start(service)
        with docker_client.connected() as client:
            (container,) = client.containers.list(all=True, filters={"label": f"harness.project={project.project}"})
            container.wait()
        fate = engine.alive(service)
        assert fate is not None
        assert "exited" in fate
        assert "supplied command line arguments" in engine.logs(service, 20)
    finally:
        engine.stop()
