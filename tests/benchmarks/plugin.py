"""One hundred tests on seeded databases: the peers' way and ours, on the same engines; and what the plugin costs others.

Each test gets 20 users in Postgres and a table with index, stream and 100 items, and then does the same work.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from harness import stack as stacks
from harness.cli import main as harness
from harness.config import load_config
from harness.schema_files import read_schema
from harness.seeding.plan import PlanOverrides
from harness.stores.dynamodb_schema import create_request
from harness.workflow import plan_dataset
from tests.benchmarks.figures import Figure, heading, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.config import Config
    from harness.endpoint import Endpoints

TESTS = 100
SIZE = PlanOverrides(users=20, groups=10, messages=80)
#: Goals: our time of one test, as a share of the peers'.
GOALS = {"docker": "1/8", "embedded": "1/15"}
OTHERS = ("randomly", "asyncio", "faker", "docker")
PEERS = ("pytest_postgresql", "pytest_dynamodb")
COLLECTS = 15

CLOCK = """
import json, os, time
import pytest

TIMES = []

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    began = time.perf_counter()
    yield
    TIMES.append(1000 * (time.perf_counter() - began))
    return True

def pytest_sessionfinish(session):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if TIMES:
        with open(f"times-{worker}.json", "w") as file:
            json.dump(TIMES, file)
"""
WORK = """
def work(table, postgres, number):
    assert "Item" not in table.get_item(Key={"pk": str(number), "sk": "x"})
    table.put_item(Item={"pk": str(number), "sk": "x", "message_group_uuid": "x"})
    postgres.execute("UPDATE users SET display_name = 'Somebody' WHERE handle = 'bayko'")
    assert postgres.execute("SELECT count(*) FROM users").fetchone() == (20,)
"""
OURS = f"""
import pytest
{WORK}
pytestmark = pytest.mark.harness(users={SIZE.users}, groups={SIZE.groups}, messages={SIZE.messages})

@pytest.mark.parametrize("number", range({TESTS}))
def test_it(number, harness_dynamodb_table, harness_postgres):
    work(harness_dynamodb_table, harness_postgres, number)
"""
THEIRS = f"""
import json, os
from pathlib import Path
import pytest
from pytest_dynamodb.factories import dynamodb, dynamodb_noproc
from pytest_postgresql import factories
{WORK}
HERE = Path(__file__).parent
ENGINES = json.loads((HERE / "engines.json").read_text())
peer_server = factories.postgresql_noproc(**ENGINES["postgres"], load=[HERE / "schema.sql", HERE / "rows.sql"])
peer_postgres = factories.postgresql("peer_server")
peer_tables = dynamodb_noproc(**ENGINES["dynamodb"])
peer_dynamodb = dynamodb("peer_tables")
DEFINITION = json.loads((HERE / "table.json").read_text())
ITEMS = json.loads((HERE / "items.json").read_text())

@pytest.fixture
def peer_table(peer_dynamodb):
    table = peer_dynamodb.create_table(**DEFINITION)
    with table.batch_writer() as batch:
        for item in ITEMS:
            batch.put_item(Item=item)
    return table

@pytest.mark.parametrize("number", range({TESTS}))
def test_it(number, peer_table, peer_postgres):
    work(peer_table, peer_postgres, number)
"""


def main() -> None:
    for engine in ("embedded", "docker"):
        with tempfile.TemporaryDirectory(prefix="harness-bench-") as folder:
            _compare(engine, Path(folder))
    _collect()


def _compare(engine: str, folder: Path) -> None:
    with redirect_stdout(StringIO()):
        harness(["init", str(folder)])
    config = load_config(folder, {}, {"engine": engine})
    with stacks.ephemeral(config) as stack:
        endpoints = stack.endpoints
        _write_peers(folder / "theirs", config, endpoints)
        ours = folder / "ours"
        ours.mkdir()
        (ours / "conftest.py").write_text(CLOCK)
        (ours / "test_ours.py").write_text(OURS)
        external = {"HARNESS_DYNAMODB_URL": endpoints.dynamodb.url, "HARNESS_POSTGRES_DSN": endpoints.postgres.dsn}
        quiet = [word for name in PEERS for word in ("-p", f"no:{name}")]
        heading(f"A test, engine {engine}; the goal is {GOALS[engine]}")
        for _ in range(2):  # the first warms both up
            theirs_times, theirs_wall = _run(folder / "theirs", {}, "-p", "no:harness")
            ours_times, ours_wall = _run(ours, external, *quiet)
        _, ours_two = _run(ours, external, *quiet, "-n", "2")
    each = Figure("pytest-postgresql + pytest-dynamodb", tuple(theirs_times), "ms/test")
    mine = Figure("harness", tuple(ours_times), "ms/test")
    show([each, mine], baseline=each)
    heading(f"All {TESTS} tests, start and end of pytest included, engines running")
    whole = Figure("pytest-postgresql + pytest-dynamodb", (theirs_wall,), "s")
    show([whole, Figure("harness", (ours_wall,), "s"), Figure("harness, -n 2", (ours_two,), "s")], baseline=whole)


def _run(folder: Path, environ: Mapping[str, str], *args: str) -> tuple[list[float], float]:
    """Run a suite; return each test's milliseconds but the first's, and the seconds of the whole process."""
    quiet = [word for name in OTHERS for word in ("-p", f"no:{name}")]
    argv = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(folder), *quiet, *args, str(folder)]
    began = os.times().elapsed
    done = subprocess.run(
        argv, cwd=folder, env=os.environ | dict(environ), check=False, stdout=subprocess.PIPE, text=True
    )
    seconds = os.times().elapsed - began
    if done.returncode:
        raise SystemExit(done.stdout)
    return [time for path in folder.glob("times-*.json") for time in json.loads(path.read_text())[1:]], seconds


def _write_peers(folder: Path, config: Config, endpoints: Endpoints) -> None:
    schema, dataset = read_schema(config), plan_dataset(config, SIZE, now=datetime.now(UTC))
    folder.mkdir()
    (folder / "conftest.py").write_text(CLOCK)
    (folder / "test_theirs.py").write_text(THEIRS)
    (folder / "schema.sql").write_text("\n".join(migration.sql for migration in schema.migrations))
    rows = ", ".join(_row(user.row()) for user in dataset.users)
    columns = "uuid, display_name, handle, email, cognito_user_id, created_at"
    (folder / "rows.sql").write_text(f"INSERT INTO public.users ({columns}) VALUES {rows};")
    (folder / "table.json").write_text(json.dumps(create_request(schema.tables[0], stream=True)))
    items = [{name: value["S"] for name, value in item.items()} for item in dataset.items()]
    (folder / "items.json").write_text(json.dumps(items))
    postgres = endpoints.postgres
    host, _, port = endpoints.dynamodb.url.removeprefix("http://").partition(":")
    engines = {
        "postgres": {
            "host": postgres.host,
            "port": postgres.port,
            "user": postgres.user,
            "password": postgres.password,
            "dbname": "peer",
        },
        "dynamodb": {"host": host, "port": int(port)},
    }
    (folder / "engines.json").write_text(json.dumps(engines))


def _row(values: tuple[object, ...]) -> str:
    return "(" + ", ".join("'" + str(value).replace("'", "''") + "'" for value in values) + ")"


def _collect() -> None:
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as folder:
        (Path(folder) / "test_it.py").write_text("def test_it(): pass\n")
        quiet = [word for name in (*OTHERS, *PEERS) for word in ("-p", f"no:{name}")]
        argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", *quiet]
        times: dict[str, list[float]] = {"without the plugin": [], "with the plugin": []}
        for _ in range(COLLECTS):
            times["without the plugin"].append(_user_time([*argv, "-p", "no:harness"], folder))
            times["with the plugin"].append(_user_time(argv, folder))
    heading("`pytest --collect-only` of a project that uses none of the fixtures, user time; the goal is 20 ms more")
    figures = [Figure(name, tuple(each), "ms") for name, each in times.items()]
    show(figures, baseline=figures[0])
    grown = statistics.median(times["with the plugin"]) - statistics.median(times["without the plugin"])
    sys.stdout.write(f"  grown by {grown:.1f} ms\n")


def _user_time(argv: list[str], folder: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(argv, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return 1000 * (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
