"""Everything a test run needs: a pair of engines shared by its processes, and namespaces on it from pools."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from harness import stack as stacks
from harness.dataset import Progress, silent
from harness.engines.registry import wants_external
from harness.errors import EnvironmentFailure, HarnessError, UsageError
from harness.namespaces.isolation import not_isolating
from harness.namespaces.maker import Maker
from harness.namespaces.memory import memory_space
from harness.namespaces.pool import MAXIMUM, Pool
from harness.namespaces.sweep import sweep
from harness.namespaces.template import Template, forget_templates, prepare_template
from harness.stores.postgres_databases import Databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.config import Config
    from harness.dataset import Dataset
    from harness.namespaces.namespace import Namespace
    from harness.schema import Schema
    from harness.stack import Stack

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The stack that a run works on."""

    stack: Stack
    #: For example `the stack that is up`, or `a stack of this run's own: no stack is up`.
    why: str


@contextmanager
def open_engines(config: Config, run: str, *, progress: Progress = silent) -> Iterator[Engines]:
    """Attach to the project's stack where it can isolate namespaces, else share one with the other processes of `run`.

    `run` is the same text in all processes of a run, and in no other run: xdist's PYTEST_XDIST_TESTRUNUID. Services of
    others that can't isolate are refused: EnvironmentFailure.
    """
    stacks.sweep_runs(config)
    found, reason = _usable(config)
    if found is not None:
        yield Engines(stack=found, why="the stack that is up")
        return
    log.info("starting a stack for this run: %s", reason)
    with stacks.run_stack(config, run, progress=progress) as stack:
        yield Engines(stack=stack, why=f"a stack of this run's own: {reason}")


@contextmanager
def open_session(config: Config, run: str, *, progress: Progress = silent) -> Iterator[Session]:
    """Open engines, sweep what dead processes left there, and return where namespaces come from."""
    with open_engines(config, run, progress=progress) as engines:
        session = Session(engines)
        try:
            session.sweep()
            yield session
        finally:
            session.close()


class Session:
    """One process's templates, pools and namespaces on a run's engines. Not to be used after a fork."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self._databases = Databases(engines.stack.endpoints.postgres)
        self.maker = Maker(engines.stack.endpoints, space=memory_space(engines.stack, self._databases))
        self._pools: dict[str, Pool] = {}

    @property
    def stack(self) -> Stack:
        """The stack that the namespaces are on."""
        return self.engines.stack

    def sweep(self) -> None:
        """Drop namespaces of dead processes, and templates that nobody has used for a while."""
        swept = sweep(self.stack.endpoints)
        if swept:
            log.info("dropped what dead processes left: %s", ", ".join(swept))
        forget_templates(self._databases)

    def template(self, schema: Schema, dataset: Dataset | None) -> Template:
        """Return the template of this content (None: schema only), made if no process has made it yet."""
        return prepare_template(self._databases, schema, dataset)

    def pool(self, template: Template, *, maximum: int = MAXIMUM) -> Pool:
        """Return the pool of a template, which prepares namespaces from now on; the same one each time."""
        pool = self._pools.get(template.digest)
        if pool is None:
            pool = Pool(partial(self.maker.make, template), self.maker.drop, maximum=maximum)
            self._pools[template.digest] = pool
        return pool

    def keep(self, pool: Pool, namespace: Namespace) -> None:
        """Leave a namespace where it is when the run is over: until `harness down`."""
        pool.release(namespace)
        self.maker.keep(namespace)
        if self.stack.ephemeral:
            stacks.keep_run(self.stack)

    def close(self) -> None:
        """Drop all namespaces that are not kept, and close all connections."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        self.maker.close()
        self._databases.close()


def _usable(config: Config) -> tuple[Stack | None, str]:
    """Return the project's stack, or None and why it can't be used."""
    if wants_external(config):
        return _external(config), ""
    try:
        found = stacks.attach(config)
    except HarnessError as exc:
        return None, exc.message
    if found is None:
        return None, "no stack is up"
    if (reason := not_isolating(found.endpoints.dynamodb)) is not None:
        return None, reason
    return found, ""


def _external(config: Config) -> Stack:
    """Return the services that the config names, if tests may make databases there."""
    found = stacks.attach(config)
    if found is None:
        raise UsageError("no services are named", hint="HARNESS_DYNAMODB_URL and HARNESS_POSTGRES_DSN")
    found.require_writable("pytest")
    if (reason := not_isolating(found.endpoints.dynamodb)) is not None:
        raise EnvironmentFailure(
            f"tests can't have namespaces of their own: {reason}",
            hint="start DynamoDB Local without -sharedDb for tests, or use --engine auto",
        )
    return found
