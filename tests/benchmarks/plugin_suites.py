"""The suites that are compared: as the peers' documentation tells to write one, and as ours does, with the same work in both."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.schema_files import read_schema
from harness.seeding.plan import PlanOverrides
from harness.stores.dynamodb_schema import create_request
from harness.workflow import plan_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.config import Config
    from harness.dataset import Dataset
    from harness.endpoint import Endpoints

#: 20 users in Postgres; 20 group rows and 80 messages, which makes 100 items.
SIZE = PlanOverrides(users=20, groups=10, messages=80)

#: How many tests and how much time of its own each has comes from the environment: all runs have the same files.
_WORK = """
import json, os, threading
from pathlib import Path
import pytest

HERE = Path(__file__).parent
KEY = json.loads((HERE / "key.json").read_text())
NUMBERS = range(int(os.environ["BENCH_TESTS"]))
OWN_SECONDS = float(os.environ.get("BENCH_SECONDS", "0"))

def work(table, postgres):
    assert table.get_item(Key=KEY)["Item"]["sk"] == KEY["sk"]
    assert postgres.execute("SELECT count(*) FROM users").fetchone() == (20,)
    threading.Event().wait(OWN_SECONDS)
"""
_OURS = f"""
{_WORK}
pytestmark = pytest.mark.harness(users={SIZE.users}, groups={SIZE.groups}, messages={SIZE.messages})

@pytest.mark.parametrize("number", NUMBERS)
def test_it(number, harness_dynamodb_table, harness_postgres):
    work(harness_dynamodb_table, harness_postgres)
"""
#: A namespace is taken in the setup of this fixture, and nothing else is done there.
_CLOCK = """
import json, time
import pytest

WAITED = []

@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef):
    began = time.perf_counter()
    result = yield
    if fixturedef.argname == "harness_namespace":
        WAITED.append(1000 * (time.perf_counter() - began))
    return result

def pytest_sessionfinish(session):
    if WAITED:
        (session.config.rootpath / "waited.json").write_text(json.dumps(WAITED))
"""
_THEIRS = f"""
{_WORK}
from pytest_dynamodb.factories import dynamodb, dynamodb_noproc
from pytest_postgresql import factories

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

@pytest.mark.parametrize("number", NUMBERS)
def test_it(number, peer_table, peer_postgres):
    work(peer_table, peer_postgres)
"""
_NOTHING = "def test_it(): pass\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A folder of tests, and what pytest is told of it."""

    folder: Path
    args: tuple[str, ...]
    environ: Mapping[str, str]


def write_ours(folder: Path, config: Config, endpoints: Endpoints | None) -> Suite:
    """Write a suite that uses the harness; without endpoints it starts engines of its own."""
    environ: dict[str, str] = {"HARNESS_ENGINE": config.engine}
    if endpoints is not None:
        environ = {"HARNESS_DYNAMODB_URL": endpoints.dynamodb.url, "HARNESS_POSTGRES_DSN": endpoints.postgres.dsn}
    _write(folder, _dataset(config), conftest=_CLOCK, tests=_OURS)
    return Suite(folder=folder, args=("-p", "no:pytest_postgresql", "-p", "no:pytest_dynamodb"), environ=environ)


def write_theirs(folder: Path, config: Config, endpoints: Endpoints) -> Suite:
    """Write a suite that uses pytest-postgresql and pytest-dynamodb, on the same schema and the same data."""
    schema, dataset = read_schema(config), _dataset(config)
    _write(folder, dataset, conftest="", tests=_THEIRS)
    rows = ", ".join(_row(user.row()) for user in dataset.users)
    columns = "uuid, display_name, handle, email, cognito_user_id, created_at"
    host, _, port = endpoints.dynamodb.url.removeprefix("http://").partition(":")
    postgres = endpoints.postgres
    server = {"host": postgres.host, "port": postgres.port, "user": postgres.user, "password": postgres.password}
    engines = {"postgres": server | {"dbname": "peer"}, "dynamodb": {"host": host, "port": int(port)}}
    (folder / "schema.sql").write_text("\n".join(migration.sql for migration in schema.migrations))
    (folder / "rows.sql").write_text(f"INSERT INTO public.users ({columns}) VALUES {rows};")
    (folder / "table.json").write_text(json.dumps(create_request(schema.tables[0], stream=True)))
    (folder / "items.json").write_text(json.dumps(_plain_items(dataset)))
    (folder / "engines.json").write_text(json.dumps(engines))
    return Suite(folder=folder, args=("-p", "no:harness"), environ={})


def _write(folder: Path, dataset: Dataset, *, conftest: str, tests: str) -> None:
    folder.mkdir()
    first = _plain_items(dataset)[0]
    (folder / "key.json").write_text(json.dumps({name: first[name] for name in ("pk", "sk")}))
    (folder / "conftest.py").write_text(conftest)
    (folder / "test_seeded.py").write_text(tests)
    (folder / "test_nothing.py").write_text(_NOTHING)


def _dataset(config: Config) -> Dataset:
    return plan_dataset(config, SIZE, now=datetime.now(UTC))


def _plain_items(dataset: Dataset) -> list[dict[str, str]]:
    return [{name: value["S"] for name, value in item.items()} for item in dataset.items()]


def _row(values: tuple[object, ...]) -> str:
    return "(" + ", ".join("'" + str(value).replace("'", "''") + "'" for value in values) + ")"
