"""With other plugins: xdist, randomly, timeout, asyncio, docker."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from harness.engines.ports import free_port
from tests.acceptance.conftest import require

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.conftest import Project
    from tests.acceptance.plugin.conftest import Inner

MANY = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(20))
def test_it(number, harness_namespace, harness_stack, harness_dataset):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "none")
    with pathlib.Path(f"told-{worker}").open("a") as told:
        print(harness_stack.home, harness_namespace.name, harness_dataset.digest(), file=told)
    assert harness_namespace.changes() == ()
    harness_namespace.table.put_item(Item={"pk": str(number), "sk": worker})
    harness_namespace.postgres.execute("DELETE FROM activities")
"""


#: What pytest-docker has to be told where there is Compose 1.29, which does not know `--wait`.
COMPOSE_1 = """
import pytest

@pytest.fixture(scope="session")
def docker_compose_command():
    return "docker-compose"

@pytest.fixture(scope="session")
def docker_setup():
    return ["up -d"]
"""


def told(inner: Inner) -> list[list[str]]:
    return [line.split() for path in inner.folder.glob("told-*") for line in path.read_text().splitlines()]


@pytest.mark.embedded
def test_workers_share_one_pair_of_engines_and_no_namespace(own: Inner) -> None:
    own.settings(harness_as_of="now", harness_messages="60")
    own.write("test_it.py", MANY)
    result = own.run_apart("-n", "2")
    result.assert_outcomes(passed=20)
    lines = told(own)
    assert len(list(own.folder.glob("told-gw*"))) == 2
    homes, names, digests = ({line[n] for line in lines} for n in range(3))
    assert (len(homes), len(names), len(digests)) == (1, 20, 1)
    assert list((own.folder / ".harness").glob("run-*")) == []


@pytest.mark.embedded
def test_random_order_and_another_seed_change_no_data(inner: Inner) -> None:
    inner.write("test_it.py", MANY)
    for seed in ("1", "2"):
        inner.run_apart(f"--randomly-seed={seed}", using=("randomly",)).assert_outcomes(passed=20)
    assert len({line[2] for line in told(inner)}) == 1


@pytest.mark.embedded
def test_a_test_that_is_timed_out_leaves_nothing(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
import pytest

@pytest.mark.timeout(1, func_only=True)
def test_hangs(harness_postgres):
    harness_postgres.execute("DELETE FROM activities")
    harness_postgres.execute("SELECT pg_sleep(60)")

def test_next(harness_namespace):
    assert harness_namespace.changes() == ()
""",
    )
    result = inner.run()
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*Timeout*", "*harness: changes against the seed*"])


@pytest.mark.docker
def test_pytest_docker_starts_the_databases(own: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    require("docker", own.folder)
    monkeypatch.delenv("HARNESS_ENGINE")
    for service in ("DYNAMODB", "POSTGRES"):
        monkeypatch.setenv(f"HARNESS_{service}_PORT", str(free_port()))
    own.example("conftest_docker.py", "test_first.py")
    (own.folder / "tests/conftest_docker.py").rename(own.folder / "tests/conftest.py")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        own.write("conftest.py", COMPOSE_1)
    result = own.run_apart(using=("docker",))
    assert set(result.parseoutcomes()) == {"passed"}, result.stdout.str()


@pytest.mark.embedded
def test_two_runs_at_once_in_one_folder(own: Inner) -> None:
    own.write("test_it.py", MANY)
    first, second = own.start(), own.start()
    outs = [process.communicate(timeout=120)[0] for process in (first, second)]
    assert [process.returncode for process in (first, second)] == [0, 0], outs
    assert len({line[0] for line in told(own)}) == 2
    assert all(re.search("20 passed", out) for out in outs)


@pytest.mark.embedded
def test_the_stack_that_is_up_is_used_and_its_data_stay(up: Callable[[str], Project], bare: Inner) -> None:
    running = up("embedded")
    before = running.ok("seed", "--json").json["digest"]
    bare.write("test_it.py", MANY.replace("range(20)", "range(2)") + "    assert not harness_stack.ephemeral\n")
    bare.run("--harness-project", str(running.folder), "--harness-engine", "embedded").assert_outcomes(passed=2)
    again = running.ok("seed", "--json").json
    assert (again["digest"], again["changed"]) == (before, False)
