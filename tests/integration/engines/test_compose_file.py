"""compose.local.yml without the harness: Compose alone, through pytest-docker, gives the same services."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.endpoint import DynamoDBEndpoint, PostgresEndpoint
from harness.engines.compose import read_compose
from harness.engines.ports import free_port
from harness.stores.probe import probe_dynamodb, probe_postgres
from tests.integration.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_docker.plugin import Services

COMPOSE = Path(__file__).parents[3] / "compose.local.yml"

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("needs_docker")]


@pytest.fixture(scope="session")
def docker_compose_command() -> str:
    """Compose v2 where it is installed, else 1.29."""
    version = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if version.returncode == 0:
        return "docker compose"
    if shutil.which("docker-compose") is None:
        missing("docker", "neither `docker compose` nor `docker-compose` is installed")
    return "docker-compose"


@pytest.fixture(scope="session")
def docker_compose_project_name() -> str:
    return f"harness-compose-test-{os.getpid()}"


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    """Compose 1.29 doesn't know `--wait`, which pytest-docker uses."""
    return ["up -d"]


@pytest.fixture(scope="session")
def docker_compose_file(needs_docker: None) -> Iterator[str]:  # noqa: ARG001
    """The file as it is, on free ports."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HARNESS_DYNAMODB_PORT", str(free_port()))
        environment.setenv("HARNESS_POSTGRES_PORT", str(free_port()))
        environment.delenv("DYNAMODB_LOCAL_SHARING", raising=False)
        yield str(COMPOSE)


def answers(probe: Callable[[], None]) -> bool:
    try:
        probe()
    except OSError:
        return False
    return True


def test_compose_alone_gives_both_services(docker_ip: str, docker_services: Services) -> None:
    assert docker_ip == "127.0.0.1"
    dynamodb = DynamoDBEndpoint(url=f"http://{docker_ip}:{docker_services.port_for('dynamodb', 8000)}")
    postgres = PostgresEndpoint(
        host=docker_ip,
        port=docker_services.port_for("postgres", 5432),
        user="postgres",
        password="password",
        database="cruddur",
    )
    docker_services.wait_until_responsive(lambda: answers(lambda: probe_dynamodb(dynamodb)), timeout=120, pause=0.1)
    docker_services.wait_until_responsive(lambda: answers(lambda: probe_postgres(postgres)), timeout=120, pause=0.1)


def test_compose_reads_the_file_as_the_harness_does(docker_compose_command: str, docker_compose_file: str) -> None:
    import yaml

    told = subprocess.run(
        [*docker_compose_command.split(), "-f", docker_compose_file, "config"],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = yaml.safe_load(told.stdout)["services"]
    ours = read_compose(COMPOSE, ("dynamodb", "postgres"), os.environ)
    for name, service in ours.items():
        assert theirs[name]["image"] == service.image
        assert theirs[name].get("environment", {}) == service.environment
        command = theirs[name]["command"]
        assert (command.split() if isinstance(command, str) else command) == list(service.command or ())
