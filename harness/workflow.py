"""The main job, told once: from configuration to report."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import stack as stacks
from harness.collect import collect_scenarios
from harness.dataset import silent
from harness.engines.lock import locked
from harness.errors import EnvironmentFailure, UsageError
from harness.identity.credentials import pool_credentials
from harness.identity.pool import fill_pool, mend_pool, refill_pool, serve_identity, with_recorded_pool
from harness.instant import to_text
from harness.logs import make_state_folder
from harness.report import Loaded, Report
from harness.scenario import run_scenario
from harness.schema_files import read_schema
from harness.seeding.generate import generate
from harness.seeding.plan import PlanOverrides, read_plan
from harness.setting import open_setting, remember_needs, user_named
from harness.snapshots.archive import cut_short, loaded_anew
from harness.stack.guarding import refuse_others_data
from harness.state import read_state, remember_load
from harness.stores.registry import open_stores
from harness.streams.reading.checkpoints import forget_positions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from harness.config import Config
    from harness.dataset import Dataset, Progress
    from harness.schema import Schema
    from harness.stack import Stack
    from harness.stores.registry import Stores


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """What `up` came to."""

    stack: Stack
    started: bool
    #: None when the stack was there already, with its data.
    loaded: Loaded | None


def run(  # noqa: PLR0913 - the run's whole input
    config: Config,
    patterns: tuple[str, ...] = (),
    overrides: PlanOverrides | None = None,
    *,
    now: datetime,
    fresh: bool = False,
    handle: str | None = None,
    progress: Progress = silent,
) -> Report:
    """Bring both databases up, load them, prove the access patterns, and report.

    A stack that is up is used and left as seeded; `fresh`, or no stack, makes one and removes it. `handle`: who acts.
    """
    began = time.perf_counter()
    wanted = overrides if fresh or overrides not in (None, PlanOverrides()) else _loaded_before(config)
    schema, dataset = read_schema(config), plan_dataset(config, wanted, now=now)
    scenarios, me = collect_scenarios(config, patterns), user_named(dataset, handle)
    with _ground(config, fresh=fresh, progress=progress) as stack, open_stores(stack.endpoints) as stores:
        stack.require_writable("run")
        refuse_others_data(stack, stores, dataset)
        stores.apply_schema(schema)
        loaded = _load(stores, dataset, schema, progress)
        try:
            with open_setting(config, dataset, stores.endpoints, me=me, credentials=pool_credentials(stack)) as setting:
                results = tuple(run_scenario(scenario, setting) for scenario in scenarios)
                remember_needs(config, setting)
        finally:
            if not stack.ephemeral:
                stores.load(dataset, schema, progress)
    return Report(
        engine=stack.engine,
        passed_over=stack.passed_over,
        endpoints=stack.shown() | ({"target": config.target} if config.over_http else {}),
        loaded=loaded,
        scenarios=results,
        prices=config.prices,
        started_at=to_text(now),
        seconds=time.perf_counter() - began,
    )


def up(config: Config, overrides: PlanOverrides | None = None, *, now: datetime, progress: Progress = silent) -> Up:
    """Start the stack, or attach to it; a new one, or one whose loading was cut short, gets schema and seed.

    A stack that holds data keeps them, whatever the plan says by now: `seed` and `reset` are for that.
    """
    schema, dataset = read_schema(config), plan_dataset(config, overrides, now=now)
    stack, started = stacks.up(config, progress=progress)
    try:
        with _alone(config), open_stores(stack.endpoints) as stores:
            stack = with_recorded_pool(stack)
            if not started and (before := _loaded_before(config)):
                mended = mend_pool(stack, lambda: plan_dataset(config, before, now=now).users)
                return Up(stack=mended, started=False, loaded=None)
            stack.require_writable("up")
            if stack.engine == "external":
                refuse_others_data(stack, stores, dataset)
            identity = serve_identity(stack)  # it starts while the databases are filled
            stores.apply_schema(schema)
            loaded = _load(stores, dataset, schema, progress)
            _remember(config, stack, loaded)
            stack = fill_pool(stack, dataset.users, identity)
    except KeyboardInterrupt:
        if started:
            stacks.down(config)
        raise
    return Up(stack=stack, started=started, loaded=loaded)


def seed(
    config: Config,
    overrides: PlanOverrides | None = None,
    *,
    now: datetime,
    replace_data: bool = False,
    progress: Progress = silent,
) -> Loaded:
    """Make the tables of the running stack hold exactly the dataset.

    Data in a stack of ours is replaced; in one that somebody else runs, only with `replace_data`.
    """
    schema, dataset = read_schema(config), plan_dataset(config, overrides, now=now)
    with _alone(config), attached(config) as (stack, stores):
        stack.require_writable("seed")
        if stack.engine == "external" and not replace_data:
            refuse_others_data(stack, stores, dataset)
        stores.apply_schema(schema)
        loaded = _load(stores, dataset, schema, progress)
        _remember(config, stack, loaded)
        refill_pool(stack, dataset.users)
    return loaded


def reset(config: Config, *, now: datetime, progress: Progress = silent) -> Loaded:
    """Bring the running stack back to what was loaded into it: schema, seed and stream. Never if remote."""
    schema, dataset = read_schema(config), plan_dataset(config, _loaded_before(config), now=now)
    with _alone(config), attached(config) as (stack, stores):
        stack.require_writable("reset")
        began = time.perf_counter()
        stores.reset(dataset, schema, progress)
        forget_positions(config.state_folder / "checkpoints")
        loaded = _loaded(dataset, began, changed=True)
        _remember(config, stack, loaded)
        refill_pool(stack, dataset.users)
    return loaded


def plan_dataset(config: Config, overrides: PlanOverrides | None = None, *, now: datetime) -> Dataset:
    """Return the dataset of the project's plan; needs no engine."""
    return generate(read_plan(config.plan, overrides or PlanOverrides(), now, table=config.table))


@contextmanager
def attached(config: Config) -> Iterator[tuple[Stack, Stores]]:
    """Open the stores of the stack that is up. EnvironmentFailure when none is."""
    stack = stacks.attach(config)
    if stack is None:
        raise EnvironmentFailure(f"no stack is up in {config.project}", hint="harness up")
    if (name := cut_short(stack)) is not None:
        log.warning("restoring snapshot %s was cut short: harness snapshot restore %s, or harness reset", name, name)
    with open_stores(stack.endpoints) as stores:
        yield stack, stores


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Keep other harnesses from writing to, or removing, the stack meanwhile."""
    make_state_folder(config.state_folder)
    with locked(
        config.state_folder, on_wait=lambda: log.info("another harness is at work on this stack; waiting for it")
    ):
        yield


@contextmanager
def _ground(config: Config, *, fresh: bool, progress: Progress) -> Iterator[Stack]:
    """Yield the stack that is up, or else one for this block."""
    stack = None if fresh else stacks.attach(config)
    if stack is None and config.over_http:
        raise UsageError(
            f"{config.target} works on databases of its own, and {'--fresh' if fresh else 'no stack is up,'} makes others",
            hint="harness up, then start the application on it: harness app",
        )
    if stack is not None:
        with _alone(config):
            yield stack
        return
    with stacks.ephemeral(config, progress=progress) as stack:
        yield stack


def _load(stores: Stores, dataset: Dataset, schema: Schema, progress: Progress) -> Loaded:
    began = time.perf_counter()
    return _loaded(dataset, began, changed=stores.load(dataset, schema, progress))


def _loaded(dataset: Dataset, began: float, *, changed: bool) -> Loaded:
    return Loaded(
        seed=dataset.seed,
        as_of=to_text(dataset.as_of),
        digest=dataset.digest(),  # and of what the databases hold: `load` has read it back, and raises where they differ
        counts=dataset.counts(),
        changed=changed,
        seconds=time.perf_counter() - began,
    )


def _loaded_before(config: Config) -> PlanOverrides | None:
    """Return what flags gave the running stack its data; None when it has none of ours."""
    state = read_state(config.state_folder)
    if state is None or state.digest is None:
        return None
    return PlanOverrides(
        users=state.counts["users"],
        groups=state.counts["message_groups"],
        messages=state.counts["messages"],
        seed=state.seed,
        as_of=state.as_of,
    )


def _remember(config: Config, stack: Stack, loaded: Loaded) -> None:
    loaded_anew(stack)
    remember_load(config.state_folder, seed=loaded.seed, as_of=loaded.as_of, digest=loaded.digest, counts=loaded.counts)
