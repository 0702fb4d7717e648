"""What fixtures lend to a test, and take back after it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from harness.environment import merged
from harness.resources import template_folder
from harness.testing.boundary import told
from harness.testing.outcome import KEEP, PAIR, SHARED
from harness.testing.pair import Pair
from harness.testing.settings import general_wish, open_supply, project_config, wish_of
from harness.testing.shared import SharedPair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from harness.config import Config
    from harness.dataset import Dataset
    from harness.stack import Stack
    from harness.testing.signing_in import SignedIn
    from harness.testing.supply import Supply


def read_config(config: pytest.Config, endpoints: Mapping[str, str] | None) -> Config:
    """Return the project's configuration."""
    with told(config):
        return project_config(config, endpoints)


def lend_compose_file() -> Iterator[Path]:
    """Lend the compose file, and let what it starts keep access keys apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DYNAMODB_LOCAL_SHARING", "")
        yield template_folder() / "compose.local.yml"


def lend_supply(config: pytest.Config, project: Config, *, starting: bool) -> Iterator[Supply]:
    """Lend where namespaces come from, and close it when all tests are done. Databases may be about to start."""
    supply = open_supply(config, project, patience=project.start_timeout if starting else 0)
    yield supply
    with told(config):
        supply.close()


def find_stack(config: pytest.Config, supply: Supply) -> Stack:
    """Return the engines, started where there are none."""
    with told(config):
        return supply.session().stack


def find_dataset(request: pytest.FixtureRequest, supply: Supply) -> Dataset:
    """Return what the test's namespace holds."""
    with told(request.config):
        return supply.content(wish_of(request.node)).dataset


def connect(request: pytest.FixtureRequest, pair: Pair) -> Any:
    """Return the namespace's connection."""
    with told(request.config):
        return pair.postgres


def lend_pair(request: pytest.FixtureRequest, supply: Supply) -> Iterator[Pair]:
    """Lend a namespace; what became of it does not matter, nobody gets it again."""
    item: pytest.Item = request.node
    with told(request.config):
        pair = Pair(supply.take(wish_of(item)))
    item.stash[PAIR] = pair
    yield pair
    del item.stash[PAIR]
    pair.close()
    with told(request.config):
        if item.stash.get(KEEP, False):
            supply.keep(pair.taken)
        else:
            supply.give_back(pair.taken)


def lend_shared(config: pytest.Config, supply: Supply) -> Iterator[SharedPair]:
    """Lend one pair to all tests of this process, and see at the end that it is as it was."""
    with told(config):
        taken = supply.make(general_wish(config))
        pair = SharedPair(taken)
    config.stash[SHARED] = pair
    yield pair
    del config.stash[SHARED]
    pair.close()
    with told(config), ExitStack() as after:
        after.callback(supply.give_back, taken)
        pair.check_unchanged()


def sign_in(request: pytest.FixtureRequest, supply: Supply) -> SignedIn:
    """Return the user pool with the users of the test's namespace."""
    from harness.testing.signing_in import SignedIn  # noqa: PLC0415 - as in Supply.user_pool

    with told(request.config):
        return SignedIn(supply.user_pool(wish_of(request.node)))


def environment(request: pytest.FixtureRequest, pair: Pair) -> dict[str, str]:
    """Return this process's environment, with what leads to the namespace, and to the user pool of a test that has one."""
    found = pair.environment
    if "harness_user_pool" in request.fixturenames:
        found |= request.getfixturevalue("harness_user_pool").environment
    return merged(os.environ, found)
