"""Finding the stack again: by its record, or because the configuration names the services."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from harness.dataset import silent
from harness.endpoint import DynamoDBEndpoint, Endpoints
from harness.engines import external
from harness.engines.readiness import wait_until
from harness.engines.registry import open_engine, wants_external
from harness.errors import EnvironmentFailure
from harness.instant import to_text
from harness.stack.running import Stack, addresses, probe
from harness.state import NAME, State, read_state

if TYPE_CHECKING:
    from pathlib import Path

    from harness.config import Config
    from harness.engines.base import Engine
    from harness.service import ServiceName


def home_of(config: Config) -> Path:
    """Where the long-lived stack of a project keeps its files."""
    return config.state_folder.resolve() / "stack"


def recorded(config: Config) -> Stack | None:
    """Return the stack that the state names, not knowing whether it still runs."""
    state = read_state(config.state_folder)
    if state is None:
        return None
    if state.project != config.project:
        raise EnvironmentFailure(
            f"{config.state_folder / NAME} is of another folder, {state.project}: the project was copied or moved",
            hint="harness down (it clears what is left), then harness up",
        )
    if state.engine == "external":
        return named(_renamed(config, state))
    runner = open_engine(state.engine, config, home=state.home, ports=_ports(state), shared=True, progress=silent)
    return _found(config, runner, state.endpoints, state)


def recorded_at(config: Config, home: Path) -> Stack | None:
    """Return the stack that the processes of a run share at `home`, or None: it was not started to the end."""
    state = read_state(home)
    if state is None:
        return None
    runner = open_engine(state.engine, config, home=home, ports=_ports(state), shared=False, progress=silent)
    return replace(_found(config, runner, state.endpoints, state), home=home, ephemeral=True)


def named(config: Config) -> Stack:
    """Return the stack of services that the config names."""
    runner = external.ExternalEngine(config)
    if (reason := runner.check()) is not None:
        raise EnvironmentFailure(f"the engine external can't be used: {reason}", hint="name both, or use --engine auto")
    return _found(config, runner, runner.endpoints(), _own_record(config))


def _own_record(config: Config) -> State | None:
    """Return what was recorded of services of others, where it is of these: our part is the identity service."""
    try:
        state = read_state(config.state_folder)
    except EnvironmentFailure:
        return None
    return state if state is not None and state.engine == "external" and state.project == config.project else None


def await_services(config: Config, timeout: float) -> None:
    """Wait until the services that the config names answer: they were started a moment ago."""
    found = named(config).endpoints
    for name, endpoint in (("dynamodb", found.dynamodb), ("postgres", found.postgres)):
        wait_until(name, partial(probe, endpoint), timeout=timeout, alive=lambda: None, logs=str)


def _renamed(config: Config, state: State) -> Config:
    """Name the recorded services of others, unless the config does; a remote password is not kept, so it must."""
    if external.unnamed(config) is None:
        return config
    if external.is_remote(state.endpoints):
        raise EnvironmentFailure(
            f"the external stack is remote ({external.remote_parts(state.endpoints)}), and its credentials are not kept",
            hint="name it again: --dynamodb-url and --postgres-dsn; or harness down to forget it",
        )
    return replace(config, dynamodb_url=state.endpoints.dynamodb.url, postgres_dsn=state.endpoints.postgres.dsn)


def refuse_other_engine(config: Config, found: Stack) -> None:
    """Raise EnvironmentFailure when another engine is asked for than the stack runs on."""
    wanted = "external" if wants_external(config) else config.engine
    if wanted not in {"auto", found.engine}:
        raise EnvironmentFailure(
            f"the stack that is up runs on the engine {found.engine}, not {wanted}",
            hint="harness down, then harness up; or harness run --fresh, which makes a stack of its own",
        )


def to_state(stack: Stack) -> State:
    """Return the record of a stack."""
    endpoints = stack.endpoints
    if external.is_remote(endpoints):  # credentials of other machines stay out of files
        dynamodb = DynamoDBEndpoint(url=endpoints.dynamodb.url, region=endpoints.dynamodb.region)
        endpoints = Endpoints(dynamodb=dynamodb, postgres=replace(endpoints.postgres, password=""))
    return State(
        project=stack.project,
        engine=stack.engine,
        home=stack.home,
        endpoints=endpoints,
        passed_over=stack.passed_over,
        started_at=stack.started_at,
        identity=stack.identity,
    )


def _ports(state: State) -> dict[ServiceName, int]:
    return {name: port for name, (_, port) in addresses(state.endpoints).items()}


def _found(config: Config, runner: Engine, endpoints: Endpoints, state: State | None) -> Stack:
    return Stack(
        config=config,
        runner=runner,
        endpoints=endpoints,
        home=home_of(config),
        passed_over=state.passed_over if state else (),
        started_at=state.started_at if state else to_text(datetime.now(UTC)),
        ephemeral=False,
        identity=state.identity if state else None,
    )
