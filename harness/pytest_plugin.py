"""The pytest plugin: fixtures, markers and options. Light: what they do is imported when the first fixture is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

    from harness.config import Config
    from harness.dataset import Dataset
    from harness.stack import Stack
    from harness.target import Target
    from harness.testing.attached import Streams
    from harness.testing.pair import Pair
    from harness.testing.shared import SharedPair
    from harness.testing.signing_in import SignedIn
    from harness.testing.supply import Supply

_ENGINES = ("auto", "docker", "embedded", "external")
_MARKERS = (
    "harness(engine, seed, as_of, users, groups, messages, schema, seed_module): what the test's namespace holds",
    "harness_empty: the test's namespace has the schema, and no data",
)
_INI = {
    "engine": "how the databases run: auto, docker, embedded or external",
    "seed": "number of the seed",
    "as_of": "instant of the seed, or `now`",
    "users": "how many users",
    "groups": "how many message groups",
    "messages": "how many messages",
    "schema": "globs of schema files, instead of the project's",
    "seed_module": "path/to/file.py:function that gets the dataset and returns the one to load",
    "project": "folder of the project, counted from pytest's rootdir",
}
#: Whether a worker died; whether any of the fixtures was used; what `as_of="now"` means.
_CRASHED, _USED, _NOW = pytest.StashKey[bool](), pytest.StashKey[bool](), pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and ini keys, all with our prefix."""
    group = parser.getgroup("harness", "DynamoDB and Postgres, seeded for each test")
    group.addoption("--harness-engine", choices=_ENGINES, help="how the databases run (ini: harness_engine)")
    group.addoption("--harness-project", metavar="FOLDER", help="where harness.toml is (ini: harness_project)")
    group.addoption(
        "--harness-require", action="store_true", help="fail without an engine, whatever harness_missing says"
    )
    group.addoption("--harness-keep", action="store_true", help="leave the databases of failed tests up, and say where")
    for name, text in _INI.items():
        parser.addini(f"harness_{name}", text, type="string", default="")
    parser.addini("harness_missing", "what to do without an engine: fail or skip", type="string", default="fail")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let all of xdist's workers mean the same instant by `now`."""
    from datetime import UTC, datetime

    node.workerinput["harness_now"] = node.config.stash.setdefault(_NOW, datetime.now(UTC).isoformat())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Remember that one of xdist's workers died."""
    if error:
        node.config.stash[_CRASHED] = True


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what workers left that died."""
    if config.stash.get(_CRASHED, False):
        from harness.testing.leftovers import sweep_up

        sweep_up(config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell what happened in the namespace of a failed test."""
    if not item.config.stash.get(_USED, False):
        return (yield)
    from harness.testing import outcome

    if call.excinfo is not None:
        outcome.explain(call.excinfo.value)
    report = yield
    outcome.refuse_unheard_wish(item, report)
    outcome.refuse_shared_writes(item, report)
    outcome.describe(item, report)
    return report


@pytest.fixture(scope="session")
def harness_endpoints() -> Mapping[str, str] | None:
    """Override it to name databases that run already: return `dynamodb_url` and `postgres_dsn`."""
    return None


@pytest.fixture(scope="session")
def harness_config(pytestconfig: pytest.Config, harness_endpoints: Mapping[str, str] | None) -> Config:
    """The project's configuration: harness.toml, environment, options. Override it to change anything of it."""
    config: Config = _lending().read_config(pytestconfig, harness_endpoints)
    return config


@pytest.fixture(scope="session")
def harness_compose_file() -> Iterator[Path]:
    """The compose file of the package, for pytest-docker's `docker_compose_file`; each access key has tables of its own."""
    yield from _lending().lend_compose_file()


@pytest.fixture(scope="session")
def _harness_supply(
    pytestconfig: pytest.Config, harness_config: Config, harness_endpoints: Mapping[str, str] | None
) -> Iterator[Supply]:
    """Where this process's namespaces come from."""
    pytestconfig.stash[_USED] = True
    yield from _lending().lend_supply(pytestconfig, harness_config, starting=harness_endpoints is not None)


@pytest.fixture(scope="session")
def harness_stack(pytestconfig: pytest.Config, _harness_supply: Supply) -> Stack:
    """The engines: the project's stack where it is up, else one that all workers of this run share."""
    stack: Stack = _lending().find_stack(pytestconfig, _harness_supply)
    return stack


@pytest.fixture
def harness_dataset(request: pytest.FixtureRequest, _harness_supply: Supply) -> Dataset:
    """What the test's namespace holds at its beginning, and all that follows from it. Needs no engine."""
    dataset: Dataset = _lending().find_dataset(request, _harness_supply)
    return dataset


@pytest.fixture
def harness_namespace(request: pytest.FixtureRequest, _harness_supply: Supply) -> Iterator[Pair]:
    """A DynamoDB and a Postgres database of the test's own, seeded."""
    yield from _lending().lend_pair(request, _harness_supply)


@pytest.fixture(scope="session")
def harness_shared(pytestconfig: pytest.Config, _harness_supply: Supply) -> Iterator[SharedPair]:
    """A seeded pair for all tests that only read. A write is refused, and fails the test that makes it."""
    yield from _lending().lend_shared(pytestconfig, _harness_supply)


@pytest.fixture
def harness_dynamodb(harness_namespace: Pair) -> Any:
    """A boto3 client."""
    return harness_namespace.dynamodb


@pytest.fixture
def harness_dynamodb_table(harness_namespace: Pair) -> Any:
    """The boto3 Table that harness.toml names as `table`."""
    return harness_namespace.table


@pytest.fixture
def harness_postgres(request: pytest.FixtureRequest, harness_namespace: Pair) -> Any:
    """A psycopg connection in autocommit mode."""
    return _lending().connect(request, harness_namespace)


@pytest.fixture
def harness_user_pool(request: pytest.FixtureRequest, _harness_supply: Supply) -> SignedIn:
    """A user pool with the namespace's users: `.token_for(user)`, `.token_for(user, fault="expired")`, `.environment`."""
    signed_in: SignedIn = _lending().sign_in(request, _harness_supply)
    return signed_in


@pytest.fixture
def harness_env(request: pytest.FixtureRequest, harness_namespace: Pair) -> dict[str, str]:
    """The environment for a process under test: this one's, and what leads it to the namespace (and the user pool)."""
    return dict(_lending().environment(request, harness_namespace))


@pytest.fixture
def harness_stream(request: pytest.FixtureRequest, harness_namespace: Pair) -> Iterator[Streams]:
    """Call it to attach a handler to the table's stream, and `drain()` what it returns."""
    yield from _playing().lend_streams(request, harness_namespace)


@pytest.fixture
def harness_target(request: pytest.FixtureRequest, harness_namespace: Pair) -> Iterator[Target]:
    """The project's `target` on the namespace. While the test runs, os.environ leads there too."""
    yield from _playing().lend_target(request, harness_namespace)


def _lending() -> Any:
    """Import what fixtures do, when the first of them is used."""
    from harness.testing import lending

    return lending


def _playing() -> Any:
    """Import what runs a project's own code, when the first test does."""
    from harness.testing import playing

    return playing
