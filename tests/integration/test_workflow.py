from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from harness import stack as stacks
from harness import workflow
from harness.config import Config, load_config
from harness.digest import combine
from harness.errors import EnvironmentFailure, UsageError
from harness.schema_files import read_schema
from harness.seeding.plan import PlanOverrides
from harness.state import read_state
from harness.stores.clients import make_client
from harness.stores.registry import Stores, open_stores

from .conftest import started_pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import Dataset

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SMALL = PlanOverrides(messages=300)


@pytest.fixture(params=["docker", "embedded"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """This repository's project, on a pair of servers that somebody else runs."""
    (home := tmp_path / "theirs").mkdir()
    with started_pair(request.param, home) as endpoints:
        yield this_project(tmp_path, dynamodb_url=endpoints.dynamodb.url, postgres_dsn=endpoints.postgres.dsn)


@pytest.fixture
def own(tmp_path: Path, project: Config, request: pytest.FixtureRequest) -> Iterator[Config]:
    """This repository's project, with an embedded stack of its own."""
    request.getfixturevalue("needs_embedded")
    config = this_project(tmp_path, engine="embedded", ports=project.ports)
    yield config
    stacks.down(config)


def this_project(folder: Path, **changes: object) -> Config:
    config = load_config(ROOT, {}, {})
    inside = {
        "project": folder,
        "dynamodb_schema": tuple(str(ROOT / pattern) for pattern in config.dynamodb_schema),
        "postgres_schema": tuple(str(ROOT / pattern) for pattern in config.postgres_schema),
        "scenarios": tuple(str(ROOT / pattern) for pattern in config.scenarios),
        "target": str(ROOT / config.target),
        "handlers": {
            name: replace(said, handler=str(ROOT / (said.handler or ""))) for name, said in config.handlers.items()
        },
    }
    return replace(config, **(inside | changes))  # type: ignore[arg-type]


def held(config: Config, dataset: Dataset) -> str:
    with workflow.attached(config) as (_, stores):
        return combine(stores.digests(dataset))


def add_a_message(stores: Stores, table: str) -> None:
    make_client(stores.endpoints.dynamodb).put_item(TableName=table, Item={"pk": {"S": "MSG#x"}, "sk": {"S": "2026"}})


def test_run_passes_and_leaves_the_seed(served: Config) -> None:
    report = workflow.run(served, overrides=SMALL, now=NOW)
    assert report.passed, report
    assert [result.pattern for result in report.scenarios] == ["A", "B", "C", "D", "E"]
    dataset = workflow.plan_dataset(served, SMALL, now=NOW)
    assert report.loaded.digest == dataset.digest() == held(served, dataset)


def test_seeding_twice_changes_nothing(served: Config) -> None:
    with workflow.attached(served) as (_, stores):
        stores.apply_schema(read_schema(served))
    assert workflow.seed(served, SMALL, now=NOW).changed
    again = workflow.seed(served, SMALL, now=NOW)
    assert not again.changed
    assert again.digest == workflow.plan_dataset(served, SMALL, now=NOW).digest()


def test_data_of_others_is_refused_and_stays(served: Config) -> None:
    workflow.seed(served, SMALL, now=NOW)
    dataset = workflow.plan_dataset(served, SMALL, now=NOW)
    with workflow.attached(served) as (_, stores):
        add_a_message(stores, dataset.table)
    before = held(served, dataset)
    for attempt in (workflow.run, workflow.seed):
        with pytest.raises(UsageError, match="not this seed's") as refused:
            attempt(served, overrides=SMALL, now=NOW)
        assert "harness seed --replace" in refused.value.hint
    assert held(served, dataset) == before
    assert workflow.seed(served, SMALL, now=NOW, replace_data=True).changed
    assert held(served, dataset) == dataset.digest()


def test_up_loads_once_and_then_keeps_what_is_there(own: Config) -> None:
    first = workflow.up(own, SMALL, now=NOW)
    assert first.started
    assert first.loaded is not None
    with open_stores(first.stack.endpoints) as stores:
        add_a_message(stores, own.table)
    second = workflow.up(own, SMALL, now=NOW)
    assert (second.started, second.loaded) == (False, None)
    with open_stores(second.stack.endpoints) as stores:
        held_now = stores.digests(workflow.plan_dataset(own, SMALL, now=NOW))
    assert held_now[own.table].count == first.loaded.counts["messages"] + 2 * first.loaded.counts["message_groups"] + 1


def test_reset_brings_back_what_up_loaded(own: Config) -> None:
    up = workflow.up(own, SMALL, now=NOW)
    assert up.loaded is not None
    with open_stores(up.stack.endpoints) as stores, psycopg.connect(up.stack.endpoints.postgres.dsn) as connection:
        add_a_message(stores, own.table)
        connection.execute(
            "INSERT INTO users (display_name, handle, email, cognito_user_id) VALUES ('X','x','x@x','y')"
        )
    again = workflow.reset(own, now=NOW)
    assert again.digest == up.loaded.digest
    assert again.counts["messages"] == 300


def test_run_uses_what_up_loaded_and_leaves_it(own: Config) -> None:
    up = workflow.up(own, SMALL, now=NOW)
    assert up.loaded is not None
    report = workflow.run(own, ("C", "D"), now=NOW)
    assert report.passed
    assert report.loaded.digest == up.loaded.digest
    assert held(own, workflow.plan_dataset(own, SMALL, now=NOW)) == up.loaded.digest


def test_up_mends_a_load_that_was_cut_short(own: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_short(*_: object) -> None:
        raise EnvironmentFailure("the power went", hint="wait")

    with monkeypatch.context() as patched:
        patched.setattr(workflow, "_load", cut_short)
        with pytest.raises(EnvironmentFailure, match="the power went"):
            workflow.up(own, SMALL, now=NOW)
    state = read_state(own.state_folder)
    assert state is not None
    assert state.digest is None
    up = workflow.up(own, SMALL, now=NOW)
    assert not up.started
    assert up.loaded is not None


def test_reading_verbs_need_a_stack(own: Config) -> None:
    with pytest.raises(EnvironmentFailure, match="no stack is up") as error, workflow.attached(own):
        pass
    assert error.value.hint == "harness up"


def test_bad_input_is_found_before_anything_starts(own: Config) -> None:
    with pytest.raises(UsageError, match="no scenario for pattern 'Z'"):
        workflow.run(own, ("Z",), now=NOW)
    with pytest.raises(UsageError):
        workflow.run(own, overrides=PlanOverrides(as_of="2099-01-01T00:00:00Z"), now=NOW)
    assert not own.state_folder.exists()
