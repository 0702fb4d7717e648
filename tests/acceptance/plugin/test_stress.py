"""Hundreds of tests that write at random, in random order, by two workers: none sees another's data, nothing is left."""

from __future__ import annotations

import os
import secrets
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from harness.config import load_config
from harness.engines import docker_client
from harness.engines.ports import free_port
from harness.engines.processes import MARKER
from harness.errors import EnvironmentFailure
from harness.namespaces.pool import MAXIMUM
from tests.acceptance.conftest import ENGINES, require
from tests.integration.leftovers import Before

if TYPE_CHECKING:
    import subprocess

    from tests.acceptance.plugin.conftest import Inner

WORKERS = 2
#: A worker's: ready, given back and not yet dropped, in a test, being made.
DATABASES = WORKERS * (MAXIMUM + 2 * MAXIMUM + 1 + 1)
#: In MiB, of all workers and all engines together. DynamoDB Local keeps 1.9 MB for each of the 100 access keys of a worker.
MEMORY = {"embedded": 1_000, "docker": 2_000}
#: So many that all kinds of writes meet; HARNESS_STRESS_TESTS=2000 takes minutes.
TESTS = {"embedded": 400, "docker": 200}
ASKED = os.environ.get("HARNESS_STRESS_TESTS")
DEADLY = 60
SUITE = Path(__file__).with_name("random_writes.py")
NAMESPACE = r"^harness_\d+_\d+_"
#: Tells where the engines are to who watches from outside.
CONFTEST = """
import pytest

@pytest.fixture(scope="session", autouse=True)
def _tell(harness_stack, pytestconfig):
    (pytestconfig.rootpath / "dsn").write_text(harness_stack.endpoints.postgres.dsn)
"""


@dataclass
class Watch:
    """What was there at several moments of a run."""

    inner: Inner
    databases: list[int] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def look(self, tests: subprocess.Popen[str]) -> None:
        told = self.inner.folder / "dsn"
        if not told.exists():
            return
        with suppress(psycopg.OperationalError), psycopg.connect(told.read_text(), connect_timeout=5) as connection:
            found = connection.execute("SELECT count(*) FROM pg_database WHERE datname ~ %s", [NAMESPACE]).fetchone()
            self.databases.append(found[0] if found else 0)
        workers = [process.pid for process in psutil.Process(tests.pid).children(recursive=True)]
        self.memory.append(sum(map(private_memory, {*workers, *self.engines()})) / 2**20)

    def engines(self) -> set[int]:
        """Return the ids of the engines' processes, which containers have on this machine too."""
        project = str(self.inner.folder)
        found = {process.pid for process in psutil.process_iter() if project in mark_of(process)}
        # No Docker, or a container that ends while it is looked at.
        with suppress(EnvironmentFailure), docker_client.connected() as client:
            for container in client.containers.list(filters={"label": f"harness.project={project}"}):
                found |= {int(process[1]) for process in container.top()["Processes"]}
        return found


def mark_of(process: psutil.Process) -> str:
    try:
        return process.environ().get(MARKER, "")
    except psutil.Error:
        return ""


def private_memory(pid: int) -> int:
    """Return bytes that a process shares with no other: all servers of PostgreSQL would count its buffers again."""
    try:
        found = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    return int(found.rss - found.shared)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, own: Inner, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    require(name, own.folder)
    monkeypatch.setenv("HARNESS_ENGINE", name)
    return name


def run(inner: Inner, tests: int, monkeypatch: pytest.MonkeyPatch, *, deadly: int) -> tuple[str, Watch]:
    """Run so many tests, and look on."""
    seed = secrets.token_hex(4)
    for name, value in (("TESTS", tests), ("SEED", seed), ("DEADLY", deadly)):
        monkeypatch.setenv(f"STRESS_{name}", str(value))
    # Who is given a database in which another test still holds a lock shall fail, and not wait for ever.
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=10s")
    inner.write("test_random_writes.py", SUITE.read_text())
    inner.write("conftest.py", CONFTEST)
    args = ["-q", "--tb=short", "-n", str(WORKERS), "--max-worker-restart", str(tests)]
    process, watch = inner.start(*args, using=("randomly",)), Watch(inner)
    with ThreadPoolExecutor(1) as pool:
        out = pool.submit(process.communicate)
        while wait([out], timeout=1).not_done:
            watch.look(process)
    return out.result()[0], watch


@pytest.mark.parametrize("deadly", [0, DEADLY], ids=["all live", "workers die"])
def test_random_writes(engine: str, own: Inner, deadly: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tests = int(ASKED or TESTS[engine]) // (4 if deadly else 1)
    monkeypatch.setenv("HARNESS_DYNAMODB_PORT", str(first := free_port()))
    monkeypatch.setenv("HARNESS_POSTGRES_PORT", str(free_port(besides=[first])))
    config, before = load_config(own.folder, os.environ, {}), Before.now()
    out, watch = run(own, tests, monkeypatch, deadly=deadly)
    dead = tests // deadly if deadly else 0
    outcomes = pytest.RunResult.parse_summary_nouns(out.splitlines())
    assert outcomes == {"passed": tests - dead} | ({"failed": dead} if dead else {}), out[-5000:]
    assert max(watch.databases) <= DATABASES * (2 if deadly else 1), watch.databases
    assert max(watch.memory) <= MEMORY[engine], watch.memory
    before.nothing_new(config)
