"""A maker and a template on each engine that keeps namespaces apart."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.config import load_config
from harness.endpoint import Endpoints
from harness.namespaces.maker import Maker
from harness.namespaces.template import prepare_template
from harness.schema_files import read_schema
from harness.seeding.generate import generate
from harness.stores.postgres_databases import Databases
from tests.unit.seeding.plans import baseline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import Dataset
    from harness.namespaces.template import Template
    from harness.schema import Schema

ROOT = Path(__file__).parents[3]
ENGINES = [
    pytest.param("embedded", marks=pytest.mark.embedded),
    pytest.param("docker", marks=pytest.mark.docker),
]


def project_schema() -> Schema:
    return read_schema(load_config(ROOT, {}, {}))


def small(**overrides: int) -> Dataset:
    """A dataset of some hundred items."""
    return generate(baseline(**({"users": 14, "groups": 8, "messages": 60} | overrides)))


@pytest.fixture(scope="session", params=ENGINES)
def base(request: pytest.FixtureRequest) -> Endpoints:
    """Where namespaces are made; whatever a test makes there is dropped by it."""
    pair = request.getfixturevalue(f"{request.param}_pair")
    assert isinstance(pair, Endpoints)
    return pair


@pytest.fixture(scope="session")
def schema() -> Schema:
    return project_schema()


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return small()


@pytest.fixture
def databases(base: Endpoints) -> Iterator[Databases]:
    with closing(Databases(base.postgres)) as opened:
        yield opened


@pytest.fixture
def template(databases: Databases, schema: Schema, dataset: Dataset) -> Template:
    return prepare_template(databases, schema, dataset)


@pytest.fixture
def maker(base: Endpoints) -> Iterator[Maker]:
    with closing(Maker(base)) as made:
        yield made
