"""The rehearsal: what the project's own scripts would do is done, on a copy, twice, and looked at."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from harness.dataset import Progress, silent
from harness.errors import HarnessError
from harness.held import Held
from harness.project.shell.psql_calls import psql_calls
from harness.rehearsal.ground import prepared
from harness.rehearsal.order import order_of, without_psql, without_walls
from harness.rehearsal.private_environment import not_installed
from harness.rehearsal.psql import run_sql, unmute
from harness.rehearsal.results import NotDone, Rehearsal
from harness.rehearsal.scripts import run_script
from harness.rehearsal.trials import try_handler
from harness.stores.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from harness.endpoint import Endpoints
    from harness.project.roles import Role
    from harness.project.source import Project, Source
    from harness.rehearsal.ground import Ground
    from harness.rehearsal.order import Order, SqlFile
    from harness.rehearsal.results import HandlerTrial, Pass, ScriptRun, SqlRun


#: Interpreters that start side by side.
_WORKERS = 3
_SECONDS = 20.0


def rehearse(  # noqa: PLR0913 - each can be left out
    project: Project,
    endpoints: Endpoints,
    *,
    ground: Path,
    python: Path | None = None,
    progress: Progress = silent,
    timeout: float = _SECONDS,
) -> Rehearsal:
    """Run everything and return what came of it.

    `endpoints` are of engines that are nobody else's: Postgres' superuser is renamed. `ground` is a folder that does not
    exist yet; whoever names it removes it. `python` has the project's dependencies, where it isn't our own.
    `timeout` is for one script.
    """
    order = order_of(project, psql_calls(project))
    with prepared(project, endpoints, place=ground, python=python, timeout=timeout) as prepared_ground:
        unmute(prepared_ground.root, project)
        if prepared_ground.sandbox.isolation.kind == "guard":
            order = without_walls(order)
        if prepared_ground.psql is None:
            order = without_psql(order)
        return _Play(prepared_ground, order, progress).play()


_UNAVAILABLE = re.compile(r'extension "([^"]+)" is not available')


class _Play:
    """The acts, and what is kept of them."""

    def __init__(self, ground: Ground, order: Order, progress: Progress) -> None:
        self._ground, self._order, self._progress = ground, order, progress
        self._sql: list[SqlRun] = []
        self._scripts: list[ScriptRun] = []
        self._trials: list[HandlerTrial] = []
        self._not_done: list[NotDone] = [*order.not_done]
        self._done = 0

    def play(self) -> Rehearsal:
        """Load, look, try the queries and the trigger, load again, look again."""
        order = self._order
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="rehearsal") as pool:
            tables = [pool.submit(self._script, source, 1, "table-schema") for source in order.table_schemas]
            for file in (*order.schemas, *order.seeds):
                self._run_sql(file, 1)
            self._take(tables)
            self._seed_tables(1)
            first = self._look()
            handlers = [pool.submit(try_handler, self._ground, source, first) for source in order.handlers]
            self._take([pool.submit(self._script, source, 1, "pattern-messages") for source in order.patterns])
            for future in handlers:
                tried = future.result()
                self._trials += tried.trials
                self._not_done += tried.not_done
        second = self._again()
        return Rehearsal(
            sql=tuple(self._sql),
            scripts=tuple(self._scripts),
            trials=tuple(self._trials),
            first=first,
            second=second,
            not_done=(
                *self._not_done,
                *_not_offered(self._sql),
                *_unmet(self._scripts),
                *_not_installed(self._ground.python),
            ),
            isolation=self._ground.sandbox.isolation.kind,
        )

    def _again(self) -> Held | None:
        """Load the seeds on top of what is there; and last the schemas, which may take everything away."""
        order = self._order
        for file in order.seeds:
            self._run_sql(file, 2)
        self._seed_tables(2)
        second = self._look() if order.seeds or order.table_seeds else None
        for file in order.schemas:
            self._run_sql(file, 2)
        return second

    def _seed_tables(self, pass_: Pass) -> None:
        endless = {run.path for run in self._scripts if run.stopped == "time"}
        for source in self._order.table_seeds:
            if source.path in endless:
                self._not_done.append(NotDone(what=f"{source.path} once more", why="the first time it did not end"))
            else:
                self._scripts.append(self._script(source, pass_, "table-seed"))

    def _run_sql(self, file: SqlFile, pass_: Pass) -> None:
        self._sql.append(run_sql(self._ground, file, pass_))
        self._step()

    def _script(self, source: Source, pass_: Pass, role: Role) -> ScriptRun:
        run = run_script(self._ground, source, pass_, role)
        self._step()
        return run

    def _take(self, futures: Iterable[Future[ScriptRun]]) -> None:
        self._scripts += [future.result() for future in futures]

    def _look(self) -> Held:
        try:
            return survey(self._ground.scratch)
        except HarnessError as error:
            self._not_done.append(NotDone(what="looking at what was loaded", why=error.message))
            return Held()

    def _step(self) -> None:
        self._done += 1
        self._progress("scripts", self._done, None)


def _not_offered(runs: Iterable[SqlRun]) -> Iterator[NotDone]:
    """Yield the extensions that the scratch server lacks; what fails for want of one is no fault of the project."""
    errors = [error.message for run in runs for error in run.errors]
    for name in sorted({match[1] for message in errors if (match := _UNAVAILABLE.search(message))}):
        yield NotDone(
            what=f"what needs the PostgreSQL extension {name}",
            why="the scratch server does not offer it; --engine takes another one",
        )


def _unmet(runs: Sequence[ScriptRun]) -> Iterator[NotDone]:
    """Yield what ended for want of a package that isn't installed here, or of arguments that nothing tells."""
    told = {}
    for run in runs:
        message = run.traceback.message if run.traceback else ""
        for name in {each.name for each in run.missing}:
            if f"'{name}'" in message or f"'{name} (not installed)'" in message:
                told[run.path] = name
    for run in runs:
        if run.lacks_arguments:
            yield NotDone(what=run.path, why=f"which arguments it wants is not known: {run.stderr.splitlines()[-1]}")
    for path, name in told.items():
        yield NotDone(what=path, why=f"it needs {name}, which is not installed; --install installs it")


def _not_installed(python: Path) -> Iterator[NotDone]:
    for line in not_installed(python):
        what, _, why = line.partition(": ")
        yield NotDone(what=f"installing {what}", why=why)
