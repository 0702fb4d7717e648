"""From a wish to schema and dataset."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.config import Config, load_config
from harness.errors import UsageError
from harness.testing.content import configured, make_content
from harness.testing.given import given
from harness.testing.wish import Wish

if TYPE_CHECKING:
    from harness.dataset import Dataset
    from harness.testing.content import Content

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def project() -> Config:
    return load_config(Path(__file__).parents[3], {}, {})


def content(project: Config, **wish: Any) -> Content:
    return make_content(project, Wish(users=6, groups=4, messages=20, **wish), now=NOW)


def test_equal_wishes_give_equal_data(project: Config) -> None:
    assert content(project, seed=3).dataset.digest() == content(project, seed=3).dataset.digest()
    assert content(project, seed=3).dataset.digest() != content(project, seed=4).dataset.digest()


def test_now_is_the_runs(project: Config) -> None:
    assert content(project, as_of="now").dataset.as_of == NOW


def test_schema_files_take_the_place_of_their_kind(project: Config) -> None:
    assert configured(project, Wish(schema=("a/*.sql", "b.json"))).postgres_schema == ("a/*.sql",)
    assert configured(project, Wish(schema=("a/*.sql", "b.json"))).dynamodb_schema == ("b.json",)
    assert configured(project, Wish(schema=("a/*.sql",))).dynamodb_schema == project.dynamodb_schema
    assert configured(project, Wish(engine="docker")).engine == "docker"


def test_empty_is_a_dataset_of_nothing(project: Config) -> None:
    made = content(project, empty=True)
    assert made.empty
    assert list(made.dataset.items()) == []
    assert set(made.dataset.counts().values()) == {0}


def friends(dataset: Dataset) -> Dataset:
    return given(dataset, users=dataset.users[:2], items=[{"pk": "a", "sk": "b", "n": 1}])


def test_a_function_may_give_the_data(project: Config) -> None:
    dataset = content(project, seed_module=friends).dataset
    assert dataset.counts() == {"users": 2, "activities": 0, "items": 1}
    assert list(dataset.items()) == [{"pk": {"S": "a"}, "sk": {"S": "b"}, "n": {"N": "1"}}]
    assert dataset.table_digests()[dataset.table].count == 1
    assert dataset.digest() != content(project).dataset.digest()


@pytest.mark.parametrize(
    ("function", "said"),
    [(lambda _: None, "returned NoneType, not a dataset"), (lambda _: 1 // 0, "raised ZeroDivisionError")],
)
def test_a_function_that_does_not(project: Config, function: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        content(project, seed_module=function)
