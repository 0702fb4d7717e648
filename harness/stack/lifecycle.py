"""Started side by side, found again, stopped without a trace."""

from __future__ import annotations

import logging
import secrets
import shutil
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.dataset import Progress, silent
from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint
from harness.engines.interrupts import terminable, undisturbed
from harness.engines.lock import is_locked, locked
from harness.engines.ports import PortTaken, free_port
from harness.engines.registry import select_engine, stop_stack, wants_external
from harness.engines.side_by_side import start_side_by_side
from harness.errors import EnvironmentFailure
from harness.instant import to_text
from harness.logs import make_state_folder
from harness.service import Service, ServiceName
from harness.stack.finding import home_of, named, recorded, refuse_other_engine, to_state
from harness.stack.running import SERVICES, Stack, probe, unanswered
from harness.state import NAME, forget_state, read_intent, read_state, write_intent, write_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.config import Config

log = logging.getLogger(__name__)

#: Seconds that services of others get to answer: they are said to run already.
_EXTERNAL_TIMEOUT = 10.0
#: A free port may be taken between its choice and its use.
_TRIES = 3


def up(config: Config, *, progress: Progress = silent) -> tuple[Stack, bool]:
    """Attach to the project's stack, or start it; True says that it was started. Two at once: the second waits."""
    folder, home = config.state_folder, home_of(config)
    make_state_folder(folder)
    with terminable(), locked(folder, on_wait=_say_waiting):
        found = recorded(config)
        if found is not None:
            refuse_other_engine(config, found)
            if (trouble := unanswered(found)) is None:
                return found, False
            log.warning("the stack of %s broke (%s); starting it again", config.project, trouble)
        try:
            if home.exists():
                remove(config, home)
            forget_state(folder)
            stack = _start(config, home, config.ports, shared=True, progress=progress)
            write_state(folder, to_state(stack))
        except BaseException:
            with undisturbed():
                discard(config, home)
            raise
        return stack, True


def attach(config: Config) -> Stack | None:
    """Return the project's running stack, or None.

    EnvironmentFailure when it is recorded but doesn't answer, or runs on another engine than is asked for.
    """
    stack = named(config) if wants_external(config) else recorded(config)
    if stack is None:
        return None
    refuse_other_engine(config, stack)
    if (trouble := unanswered(stack)) is not None:
        hint = "see that it runs and can be reached" if stack.engine == "external" else "harness up starts it again"
        raise EnvironmentFailure(f"the {stack.engine} stack does not answer: {trouble}", hint=hint)
    return stack


def down(config: Config) -> tuple[str, ...]:
    """Remove the project's stack and what killed commands left, and name what was removed.

    Needs no trustworthy record: what is ours is found by its marks. What others run is left alone.
    """
    folder = config.state_folder
    removed: list[str] = []
    with ExitStack() as held:
        if folder.is_dir():
            held.enter_context(locked(folder, on_wait=_say_waiting))
        held.enter_context(undisturbed())
        for home in _homes(config):
            removed += remove(config, home)
        if forget_state(folder):
            removed.append(str(folder / NAME))
    return tuple(removed)


@contextmanager
def ephemeral(config: Config, *, progress: Progress = silent) -> Iterator[Stack]:
    """Start a stack on free ports and remove it at the end of the block, however the block ends."""
    make_state_folder(config.state_folder)
    home = home_of(config).with_name(f"run-{secrets.token_hex(4)}")
    with terminable(), ExitStack() as held:
        try:
            with locked(config.state_folder, on_wait=_say_waiting):
                home.mkdir()
                # Whoever finds this home unlocked knows that its owner is dead.
                held.enter_context(locked(home))
            yield start_on_free_ports(config, home, progress)
        finally:
            with undisturbed():
                discard(config, home)


def start_on_free_ports(config: Config, home: Path, progress: Progress) -> Stack:
    """Start a stack that nobody else is to find. What was started when this raises is the caller's to remove."""
    for _ in range(_TRIES - 1):
        try:
            return _start(config, home, _free_ports(), shared=False, progress=progress)
        except PortTaken:
            _stop(config, home)
    return _start(config, home, _free_ports(), shared=False, progress=progress)


def _free_ports() -> dict[ServiceName, int]:
    first = free_port()
    return {"dynamodb": first, "postgres": free_port(besides=[first])}


def _start(config: Config, home: Path, ports: dict[ServiceName, int], *, shared: bool, progress: Progress) -> Stack:
    """Start both services. What was started when this raises is the caller's to remove."""
    if not wants_external(config):
        home.mkdir(exist_ok=True)
    selection = select_engine(config, home=home, ports=ports, shared=shared, progress=progress)
    runner, timeout = selection.engine, config.start_timeout
    if runner.name == "external":
        timeout = min(timeout, _EXTERNAL_TIMEOUT)
    else:
        write_intent(home, runner.name)
    services = [Service(name=name, port=ports[name]) for name in SERVICES]
    endpoints = _pair(start_side_by_side(runner, services, probe, timeout=timeout))
    return Stack(
        config=config,
        runner=runner,
        endpoints=endpoints,
        home=home,
        passed_over=selection.passed_over,
        started_at=to_text(datetime.now(UTC)),
        ephemeral=not shared and runner.name != "external",
    )


def _pair(found: dict[ServiceName, DynamoDBEndpoint | PostgresEndpoint]) -> Endpoints:
    dynamodb, postgres = found["dynamodb"], found["postgres"]
    if not isinstance(dynamodb, DynamoDBEndpoint) or not isinstance(postgres, PostgresEndpoint):
        raise TypeError(f"an engine mixed up its services: {found}")
    return Endpoints(dynamodb=dynamodb, postgres=postgres)


def _homes(config: Config) -> list[Path]:
    """Every home that nobody alive works in: the stack's, those of killed runs, and where a moved project was."""
    home = home_of(config)
    runs = [run for run in sorted(home.parent.glob("run-*")) if not is_locked(run)]
    try:
        state = read_state(config.state_folder)
    except EnvironmentFailure:
        state = None
    moved = [state.home] if state is not None and state.home != home and not state.home.exists() else []
    return [home, *runs, *moved]


def remove(config: Config, home: Path) -> list[str]:
    """Stop what runs for a home, and remove it."""
    removed = list(stop_stack(config, home, read_intent(home)))
    if home.exists():
        _delete(home)
        removed.append(str(home))
    return removed


def discard(config: Config, home: Path) -> None:
    """Remove a home of this very command, which knows that nothing was started before an engine was recorded."""
    _stop(config, home)
    if home.exists():
        _delete(home)


def _stop(config: Config, home: Path) -> None:
    if (engine := read_intent(home)) is not None:
        stop_stack(config, home, engine)


def _delete(home: Path) -> None:
    try:
        shutil.rmtree(home)
    except OSError as exc:
        raise EnvironmentFailure(f"{home} can't be removed: {exc}", hint=f"ls -la {home}") from exc


def _say_waiting() -> None:
    log.info("another harness is at work on this project; waiting for it")
