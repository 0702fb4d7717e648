"""Making, taking and dropping a namespace, beside the engines' own time for the same requests one after another."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psycopg

from harness import stack as stacks
from harness.config import load_config
from harness.namespaces.maker import Maker
from harness.namespaces.namespace import access_key_id
from harness.namespaces.pool import Pool
from harness.namespaces.template import prepare_template
from harness.schema_files import read_schema
from harness.seeding.plan import PlanOverrides
from harness.stores.dynamodb_ready import delete_tables, make_table
from harness.stores.dynamodb_wire import Wire
from harness.stores.postgres_databases import Databases
from harness.workflow import plan_dataset
from tests.benchmarks.figures import Figure, heading, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.endpoint import Endpoints
    from harness.namespaces.template import Template

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
#: 20 users in Postgres; 20 group rows and 80 messages, which makes 100 items.
SIZE = PlanOverrides(users=20, groups=10, messages=80)
RUNS = 60
#: A test that does some work of its own; pools are for these.
TEST_SECONDS = 0.03
#: What was measured for the same work on a quiet machine, in milliseconds: the goal.
FLOORS = {"docker": 37, "embedded": 15}


def main() -> None:
    for engine in ("docker", "embedded"):
        heading(f"A namespace of 20 users and 100 items, engine {engine}; the goal is {FLOORS[engine]} ms")
        with prepared(engine) as (endpoints, template):
            measure(endpoints, template)


def measure(endpoints: Endpoints, template: Template) -> None:
    with closing(Maker(endpoints)) as maker, closing(Bare(endpoints, template)) as bare:
        for _ in range(RUNS):  # a JVM gets faster for a while
            maker.drop(maker.make(template))
        made, dropped, alone = [], [], []
        for _ in range(RUNS):  # in turn: what slows one down slows the other
            alone.append(timed(bare.make)[0])
            bare.drop()
            milliseconds, namespace = timed(partial(maker.make, template))
            made.append(milliseconds)
            dropped.append(timed(partial(maker.drop, namespace))[0])
        waited = taking(maker, template)
    baseline = Figure("bare requests, one by one", tuple(alone), "ms")
    figures = [
        baseline,
        Figure("make", tuple(made), "ms"),
        Figure("drop", tuple(dropped), "ms"),
        Figure("take from a warm pool, median", tuple(waited), "ms"),
        Figure("take from a warm pool, p95", (sorted(waited)[int(0.95 * len(waited))],), "ms"),
    ]
    show(figures, baseline=baseline)


def taking(maker: Maker, template: Template) -> list[float]:
    """Take one after another, as tests do that need a while; return how long each had to wait."""
    waited = []
    with Pool(lambda: maker.make(template), maker.drop) as pool:
        for _ in range(RUNS):
            milliseconds, namespace = timed(pool.take)
            waited.append(milliseconds)
            time.sleep(TEST_SECONDS)
            pool.give_back(namespace)
    return waited


class Bare:
    """Sends the same requests and nothing more, one after another, in a namespace of its own."""

    def __init__(self, endpoints: Endpoints, template: Template) -> None:
        self._wire = Wire(endpoints.dynamodb).with_key(access_key_id(9_999_999, 1))
        self._connection = psycopg.connect(endpoints.postgres.dsn, autocommit=True)
        self._template = template

    def make(self) -> None:
        clone = f"CREATE DATABASE bare TEMPLATE {self._template.database} STRATEGY FILE_COPY"
        self._connection.execute(clone)
        self._connection.execute("ALTER DATABASE bare SET timezone TO 'UTC'")
        for table in self._template.tables:
            make_table(self._wire, table)

    def drop(self) -> None:
        delete_tables(self._wire)
        self._connection.execute("DROP DATABASE IF EXISTS bare")

    def close(self) -> None:
        self._wire.close()
        self._connection.close()


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return how many milliseconds it took, and what came of it."""
    began = time.perf_counter()
    result = work()
    return 1000 * (time.perf_counter() - began), result


@contextmanager
def prepared(engine: str) -> Iterator[tuple[Endpoints, Template]]:
    config = load_config(ROOT, {"HARNESS_ENGINE": engine}, {})
    dataset = plan_dataset(config, SIZE, now=datetime.now(UTC))
    with (
        stacks.ephemeral(config) as stack,
        closing(Databases(stack.endpoints.postgres)) as databases,
    ):
        yield stack.endpoints, prepare_template(databases, read_schema(config), dataset)
