"""Started services, one pair for each engine, for the whole session.

A missing engine skips, unless HARNESS_REQUIRE (a comma list) names it: then it fails.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.config import Config
from harness.dataset import silent
from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint
from harness.engines.ports import free_port
from harness.engines.readiness import wait_until
from harness.engines.registry import open_engine
from harness.service import Service, ServiceName
from harness.stores.probe import probe_dynamodb, probe_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ENGINES = ("docker", "embedded", "external")


def config_for(project: Path, **changes: object) -> Config:
    """Return the configuration of a throw-away project that uses this repository's compose file."""
    config = Config(
        project=project,
        compose=ROOT / "compose.local.yml",
        dynamodb_schema=(),
        postgres_schema=(),
        plan=project / "plan.toml",
        scenarios=(),
        target="",
    )
    return replace(config, **changes)  # type: ignore[arg-type]


def missing(engine: str, reason: str) -> None:
    """Skip, or fail where HARNESS_REQUIRE names the engine."""
    if engine in os.environ.get("HARNESS_REQUIRE", "").split(","):
        pytest.fail(f"HARNESS_REQUIRE names {engine}, but {reason}", pytrace=False)
    pytest.skip(f"{engine}: {reason}")


@pytest.fixture(scope="session")
def needs_docker(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip (or fail, see `missing`) where no Docker engine has the images."""
    _need("docker", tmp_path_factory.mktemp("needs-docker"))


@pytest.fixture(scope="session")
def needs_embedded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip (or fail, see `missing`) where the embedded engine lacks a program."""
    _need("embedded", tmp_path_factory.mktemp("needs-embedded"))


def _need(engine: str, home: Path) -> None:
    opened = open_engine(engine, config_for(home), home=home, ports={}, shared=False, progress=silent)
    if (reason := opened.check()) is not None:
        missing(engine, reason)


@contextmanager
def started_pair(engine_name: str, home: Path, *, shared: bool = False) -> Iterator[Endpoints]:
    """Run both services on free ports until the block ends."""
    home = home.resolve()
    first = free_port()
    ports: dict[ServiceName, int] = {"dynamodb": first, "postgres": free_port(besides=[first])}
    engine = open_engine(engine_name, config_for(home), home=home, ports=ports, shared=shared, progress=silent)
    if (reason := engine.check()) is not None:
        missing(engine_name, reason)
    try:
        services = [Service(name=name, port=port) for name, port in ports.items()]
        dynamodb, postgres = (engine.start(service) for service in services)
        assert isinstance(dynamodb, DynamoDBEndpoint)
        assert isinstance(postgres, PostgresEndpoint)
        probes = (lambda: probe_dynamodb(dynamodb), lambda: probe_postgres(postgres))
        for service, probe in zip(services, probes, strict=True):
            wait_until(
                service.name,
                probe,
                timeout=120,
                alive=lambda service=service: engine.alive(service),  # type: ignore[misc]
                logs=lambda service=service: engine.logs(service, 50),  # type: ignore[misc]
            )
        yield Endpoints(dynamodb=dynamodb, postgres=postgres)
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def docker_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """DynamoDB Local (a namespace per access key) and PostgreSQL in containers."""
    with started_pair("docker", tmp_path_factory.mktemp("docker")) as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def embedded_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """MiniStack and PostgreSQL as processes."""
    with started_pair("embedded", tmp_path_factory.mktemp("embedded")) as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def external_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """A pair of its own that ExternalEngine is pointed at by URL and DSN."""
    home = tmp_path_factory.mktemp("external")
    with started_pair("embedded", home) as running:
        config = config_for(home, dynamodb_url=running.dynamodb.url, postgres_dsn=running.postgres.dsn)
        engine = open_engine("external", config, home=home, ports={}, shared=False, progress=silent)
        assert engine.check() is None
        dynamodb = engine.start(Service(name="dynamodb", port=0))
        postgres = engine.start(Service(name="postgres", port=0))
        assert isinstance(dynamodb, DynamoDBEndpoint)
        assert isinstance(postgres, PostgresEndpoint)
        yield Endpoints(dynamodb=dynamodb, postgres=postgres)


@pytest.fixture(scope="session", params=ENGINES)
def engine_pair(request: pytest.FixtureRequest) -> Endpoints:
    """Both endpoints of each engine in turn; the services live for the whole session, so clean up what you put there."""
    pair = request.getfixturevalue(f"{request.param}_pair")
    assert isinstance(pair, Endpoints)
    return pair


@pytest.fixture
def project(tmp_path: Path) -> Config:
    """A throw-away project on free ports."""
    first = free_port()
    return config_for(tmp_path, engine="embedded", ports={"dynamodb": first, "postgres": free_port(besides=[first])})
