"""From a test's wish to what its namespace holds: configuration, schema and dataset. Needs no engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from harness.dataset import Dataset
from harness.errors import UsageError
from harness.guest import attempt
from harness.loading import load_attribute
from harness.schema_files import read_schema
from harness.seeding.generate import generate
from harness.seeding.plan import PlanOverrides, read_plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from harness.config import Config
    from harness.dataset import Message, MessageGroup
    from harness.schema import Schema
    from harness.testing.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a namespace is to hold."""

    config: Config
    schema: Schema
    #: Without anybody and anything in it, where only the schema is to be there.
    dataset: Dataset
    empty: bool


def configured(config: Config, wish: Wish) -> Config:
    """Return the project's configuration, with the engine and the schema files that a test asks for."""
    sql = tuple(each for each in wish.schema if PurePath(each).suffix == ".sql")
    tables = tuple(each for each in wish.schema if each not in sql)
    return replace(
        config,
        engine=wish.engine or config.engine,
        postgres_schema=sql or config.postgres_schema,
        dynamodb_schema=tables or config.dynamodb_schema,
    )


def make_content(config: Config, wish: Wish, *, now: datetime) -> Content:
    """Read and generate it. Raises UsageError for whatever can't be meant."""
    config = configured(config, wish)
    schema = read_schema(config)
    if wish.empty:
        nobody = Dataset(
            seed=wish.seed or 0,
            as_of=now,
            table=config.table,
            users=(),
            groups=(),
            activities=(),
            messages_of=_no_messages,
        )
        return Content(config=config, schema=schema, dataset=nobody, empty=True)
    overrides = PlanOverrides(
        users=wish.users, groups=wish.groups, messages=wish.messages, seed=wish.seed, as_of=wish.as_of
    )
    dataset = generate(read_plan(config.plan, overrides, now, table=config.table))
    return Content(config=config, schema=schema, dataset=_by_module(dataset, config, wish), empty=False)


def _by_module(dataset: Dataset, config: Config, wish: Wish) -> Dataset:
    if wish.seed_module is None:
        return dataset
    function = wish.seed_module
    if isinstance(function, str):
        function = load_attribute(function, config.project, what="seed_module")
    outcome = attempt(lambda: function(dataset))
    shown = wish.seed_module if isinstance(wish.seed_module, str) else getattr(function, "__qualname__", repr(function))
    if outcome.error is not None:
        raise UsageError(
            f"seed_module: {shown} raised {type(outcome.error).__name__}: {outcome.error}", hint="mend the function"
        ) from outcome.error
    if not isinstance(outcome.value, Dataset):
        raise UsageError(
            f"seed_module: {shown} returned {type(outcome.value).__name__}, not a dataset",
            hint="return harness.testing.given(dataset, users=…, items=…), or the dataset itself, changed",
        )
    return outcome.value


def _no_messages(_: MessageGroup) -> Iterator[Message]:
    return iter(())
