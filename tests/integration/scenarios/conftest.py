"""A loaded stack of its own for each module: a namespace of DynamoDB and a database of Postgres."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from harness.config import Config
from harness.handler_config import HandlerConfig
from harness.schema_files import read_schema
from harness.setting import open_setting
from harness.stores.registry import open_stores
from tests.unit.scenarios.small import dataset as small_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from harness.dataset import Dataset
    from harness.endpoint import Endpoints
    from harness.scenario import Setting

    Ground = Callable[..., AbstractContextManager[Setting]]

ROOT = Path(__file__).parents[3]
_NUMBERS = count(777_000_000_001)


def config(**changes: Any) -> Config:
    """Return the repository's own project."""
    made = Config(
        project=ROOT,
        compose=ROOT / "compose.local.yml",
        dynamodb_schema=("seeds/schema/dynamodb/*.json",),
        postgres_schema=("seeds/schema/postgres/*.sql",),
        plan=ROOT / "seeds/baseline.toml",
        scenarios=("scenarios/pattern_*.py",),
        target="scenarios/messaging/__init__.py:make_target",
        handlers={
            "message_group_stream": HandlerConfig(handler="scenarios/handlers/message_group_stream.py:handler"),
        },
    )
    return replace(made, **changes)


@pytest.fixture
def namespace(engine_pair: Endpoints) -> Iterator[Endpoints]:
    """An empty pair: an access key nobody used before, and a new database."""
    number = next(_NUMBERS)
    name = f"scenarios_{number}"
    with psycopg.connect(engine_pair.postgres.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield replace(
            engine_pair,
            dynamodb=replace(engine_pair.dynamodb, access_key_id=str(number)),
            postgres=replace(engine_pair.postgres, database=name),
        )
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ground(namespace: Endpoints) -> Ground:
    """Open a setting on a dataset that was just loaded."""

    @contextmanager
    def opened(
        data: Dataset | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC), **changes: Any
    ) -> Iterator[Setting]:
        data, project = data or small_dataset(), config(**changes)
        schema = read_schema(project)
        with open_stores(namespace) as stores:
            stores.apply_schema(schema)
            stores.load(data, schema)
        with open_setting(project, data, namespace, clock=clock) as setting:
            yield setting

    return opened
