"""One pair of engines for all processes of a run, and nothing left of it, however they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from harness import stack
from harness.namespaces.memory import memory_space
from harness.namespaces.template import prepare_template
from harness.stores.postgres_databases import Databases
from tests.integration.leftovers import KEPT, Before, processes_of
from tests.integration.namespaces.conftest import ENGINES, ROOT, project_schema, small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.config import Config
    from harness.endpoint import Endpoints


@dataclass
class Worker:
    process: subprocess.Popen[str]

    def hear(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            pytest.fail(f"the worker ended: {self.process.communicate()[1]}")
        return json.loads(line)

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def do(self, word: str) -> Any:
        self.tell(word)
        return self.hear()

    def end(self) -> None:
        assert self.do("end") == {"ended": True}
        self.process.communicate()
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def before() -> Before:
    return Before.now()


@pytest.fixture(params=ENGINES)
def config(request: pytest.FixtureRequest, project: Config) -> Iterator[Config]:
    request.getfixturevalue(f"needs_{request.param}")
    yield replace(project, engine=request.param)
    stack.down(project)


@pytest.fixture
def embedded(project: Config, needs_embedded: None) -> Iterator[Config]:  # noqa: ARG001
    yield project
    stack.down(project)


def start(config: Config, run: str, *deadly: str) -> Worker:
    argv = [sys.executable, "-m", "tests.integration.namespaces.worker", str(config.project), config.engine, run]
    pipe = subprocess.PIPE
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return Worker(
        subprocess.Popen([*argv, *deadly], cwd=ROOT, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    )


def namespaces(endpoints: Endpoints) -> list[str]:
    with closing(Databases(endpoints.postgres)) as databases:
        return [name for name, _ in databases.named("harness_") if "template" not in name]


def test_workers_share_a_stack_and_the_last_one_out_stops_it(config: Config, before: Before) -> None:
    workers = [start(config, "run") for _ in range(3)]
    opened = [worker.hear() for worker in workers]
    assert len({each["home"] for each in opened}) == len({each["url"] for each in opened}) == 1
    assert "no stack is up" in opened[0]["why"]
    taken = [worker.do("take") for worker in workers]
    assert all(each["same"] for each in taken)
    assert len({each["name"] for each in taken}) == len({each["key"] for each in taken}) == 3
    workers[0].end()
    assert workers[1].do("take")["same"]
    workers[2].kill()
    late = start(config, "run")
    assert late.hear()["url"] == opened[0]["url"]
    assert late.do("take")["same"]
    late.end()
    workers[1].end()
    before.nothing_new(config)


def test_two_runs_in_one_folder_do_not_meet(embedded: Config, before: Before) -> None:
    one, other = start(embedded, "one"), start(embedded, "other")
    assert one.hear()["url"] != other.hear()["url"]
    assert one.do("take")["same"]
    one.end()
    assert other.do("take")["same"]
    other.end()
    before.nothing_new(embedded)


@pytest.mark.parametrize("how", ["kill", "exit", "ctrl-c"])
def test_however_the_only_worker_ends_the_next_start_leaves_nothing(embedded: Config, before: Before, how: str) -> None:
    worker = start(embedded, "one")
    worker.hear()
    worker.do("take")
    if how == "kill":
        worker.kill()
    elif how == "exit":
        worker.tell("exit")
        worker.process.communicate()
        assert worker.process.returncode == 3
    else:
        worker.process.send_signal(signal.SIGINT)
        worker.process.communicate()
        before.nothing_new(embedded)
    after = start(embedded, "other")
    after.hear()
    assert len(list(embedded.state_folder.glob("run-*"))) == 1
    after.end()
    before.nothing_new(embedded)


def test_down_removes_what_killed_runs_left_and_spares_the_living(embedded: Config, before: Before) -> None:
    dead, alive = start(embedded, "dead"), start(embedded, "alive")
    left, home = dead.hear()["home"], alive.hear()["home"]
    dead.kill()
    removed = stack.down(embedded)
    assert left in removed
    assert home not in removed
    assert alive.do("take")["same"]
    alive.end()
    before.nothing_new(embedded)


@pytest.mark.parametrize(
    "deadly",
    [
        "harness.stack.lifecycle:start_side_by_side",
        "harness.stack.runs:write_state",
        "harness.namespaces.template:PostgresStore.load",
        "harness.stores.postgres_databases:Databases.seal",
        "harness.stores.dynamodb_bundle:make_table",
    ],
)
def test_who_comes_after_one_that_was_killed_half_way_makes_it_whole(
    embedded: Config, before: Before, deadly: str
) -> None:
    first = start(embedded, "run", deadly)
    first.tell("take")
    first.process.communicate()
    assert first.process.returncode == -signal.SIGKILL
    second = start(embedded, "run")
    second.hear()
    assert second.do("take")["same"]
    second.end()
    before.nothing_new(embedded)


def test_a_kept_namespace_outlives_its_run(embedded: Config, before: Before) -> None:
    worker = start(embedded, "run")
    home = worker.hear()["home"]
    worker.do("take")
    worker.do("keep")
    worker.end()
    after = start(embedded, "other")
    after.hear()
    after.end()
    assert processes_of(embedded.project) != []
    assert home in stack.down(embedded)
    before.nothing_new(embedded)


def test_attaches_to_the_stack_that_is_up_and_sweeps_it(embedded: Config, before: Before) -> None:
    found, _ = stack.up(embedded)
    killed, kept = start(embedded, "one"), start(embedded, "two")
    assert killed.hear()["why"] == kept.hear()["why"] == "the stack that is up"
    lost, spared = killed.do("take")["name"], kept.do("take")["name"]
    kept.do("keep")
    assert lost in namespaces(found.endpoints)
    killed.kill()
    kept.end()
    assert lost in namespaces(found.endpoints)
    with closing(Databases(found.endpoints.postgres)) as databases:
        [folder] = databases.spaces("harness_memory_").values()
        assert folder.startswith("/dev/shm/")
        assert [path for path in Path(folder).glob("*/*") if path.is_dir()] != []
    after = start(embedded, "three")
    after.hear()
    assert namespaces(found.endpoints) == [spared]
    assert after.do("take")["name"].split("_")[1] == "1"  # the killed one's seat; not the one of who kept something
    after.end()
    assert namespaces(found.endpoints) == [spared]
    left = {path.name for path in embedded.state_folder.iterdir()}
    assert left <= KEPT | {"state.json", "stack"}
    stack.down(embedded)
    before.nothing_new(embedded)


def test_those_who_attach_in_one_moment_share_one_place_in_memory(embedded: Config) -> None:
    found, _ = stack.up(embedded)
    together = Barrier(6)

    def attach(_: int) -> tuple[str | None, int]:
        with closing(Databases(found.endpoints.postgres)) as databases:
            databases.hold_on()  # connected already
            together.wait(60)
            return memory_space(found, databases), len(databases.spaces("harness_memory_"))

    with ThreadPoolExecutor(6) as threads:
        spaces = set(threads.map(attach, range(6)))
    assert len(spaces) == 1
    assert {number for _, number in spaces} == {1}


@pytest.mark.docker
def test_a_stack_that_shows_every_key_the_same_tables_is_left_alone(
    project: Config,
    needs_docker: None,  # noqa: ARG001
    before: Before,
) -> None:
    config = replace(project, engine="docker")
    found, _ = stack.up(config)
    worker = start(config, "run")
    opened = worker.hear()
    assert "-sharedDb" in opened["why"]
    assert opened["url"] != found.endpoints.dynamodb.url
    worker.end()
    stack.down(config)
    before.nothing_new(config)


def test_a_template_is_made_once_for_all_processes(embedded_pair: Endpoints) -> None:
    dataset = small(seed=77)
    script = (
        "import sys; from contextlib import closing; from harness.stores.postgres_databases import Databases\n"
        "from harness.namespaces import template\n"
        "from harness.engines.external import read_dsn\n"
        "from tests.integration.namespaces.conftest import small, project_schema\n"
        "made = []; real = template._make\n"
        "template._make = lambda *given: (made.append(1), real(*given))\n"
        "with closing(Databases(read_dsn(sys.argv[1]))) as databases:\n"
        "    template.prepare_template(databases, project_schema(), small(seed=77))\n"
        "print(len(made))\n"
    )
    argv = [sys.executable, "-c", script, embedded_pair.postgres.dsn]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    several = [subprocess.Popen(argv, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert sorted(process.communicate()[0].strip() for process in several) == ["0", "0", "1"]
    with closing(Databases(embedded_pair.postgres)) as databases:
        found = prepare_template(databases, project_schema(), dataset)
        assert databases.sealed(found.database)
