"""Looking a user up with the read-aside cache and without, in turn, for a hit and for a miss."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness import stack as stacks
from harness.config import load_config
from harness.environment import applied, variables
from harness.schema_files import read_schema
from harness.stores.registry import open_stores
from scenarios.cache import by_handle
from scenarios.cache.laboratory import TERMS, laboratory
from tests.benchmarks.figures import Figure, heading, show

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
LOOK_UPS, WARM_UP = 300, 20


def main() -> None:
    for engine in ("docker", "embedded"):
        config = load_config(ROOT, {"HARNESS_ENGINE": engine}, {})
        with stacks.ephemeral(config) as stack:
            with open_stores(stack.endpoints) as stores:
                stores.apply_schema(read_schema(config))
            with applied(variables(stack.endpoints, config.table)), laboratory() as lab:
                heading(f"Looking a user up, {LOOK_UPS} times each in turn, engine {engine}")
                users, database = lab.users(), lab.database
                key = by_handle(lab.somebody().handle)
                bare, hits, misses = [], [], []
                for _ in range(WARM_UP + LOOK_UPS):
                    bare.append(milliseconds(partial(database.find, key)))
                    lab.later(TERMS.fresh)
                    misses.append(milliseconds(partial(users.look_up, key)))
                    hits.append(milliseconds(partial(users.look_up, key)))
                figures = [
                    Figure(name, tuple(runs[WARM_UP:]), "ms")
                    for name, runs in (("Postgres alone", bare), ("a hit", hits), ("a miss", misses))
                ]
                show(figures, baseline=figures[0])


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)
