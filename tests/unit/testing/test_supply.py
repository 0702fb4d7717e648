"""What is made once, what fails once, and how many pools there are. No engine: sessions are small doubles."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.config import load_config
from harness.errors import EnvironmentFailure, UsageError
from harness.testing import supply as module
from harness.testing.supply import NoEngine, Supply
from harness.testing.wish import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pools:
    """Stands in for Pool, and remembers which are open."""

    def __init__(self) -> None:
        self.open: list[object] = []
        self.made = 0
        self.dropped = 0

    def _close(self, pool: object, *, drop: bool) -> None:
        self.open.remove(pool)
        self.dropped += drop

    def __call__(self, *_: object) -> Any:
        self.made += 1
        pool: Any = SimpleNamespace(
            take=object, close=lambda drop=True: self._close(pool, drop=drop), give_back=lambda _: None
        )
        self.open.append(pool)
        return pool


class Engines:
    """Stands in for open_session."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed = 0
        self.fails = False
        self.templates = 0

    @contextmanager
    def open(self, config: Any, run: str) -> Iterator[Any]:
        self.opened.append(f"{config.engine} {run}")
        if self.fails:
            raise EnvironmentFailure("no engine can be used", hint="install one")
        stack = SimpleNamespace(ephemeral=config.engine == "embedded")
        yield SimpleNamespace(
            stack=stack, template=self.template, keep=lambda *_: None, maker=SimpleNamespace(make=id, drop=id)
        )
        self.closed += 1

    def template(self, _schema: object, dataset: Any) -> Any:
        self.templates += 1
        if dataset is None:
            raise UsageError("it does not load", hint="mend it")
        return SimpleNamespace(digest=dataset.digest())


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> Pools:
    made = Pools()
    monkeypatch.setattr(module, "Pool", made)
    return made


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Engines:
    made = Engines()
    monkeypatch.setattr(module, "open_session", made.open)
    return made


@pytest.fixture
def supply() -> Supply:
    config = load_config(Path(__file__).parents[3], {}, {"engine": "embedded"})
    return Supply(config=config, run="run", now=datetime(2026, 11, 1, tzinfo=UTC))


def wish(seed: int, **more: Any) -> Wish:
    return Wish(seed=seed, users=4, groups=2, messages=4, **more)


def test_engine_template_and_pool_are_made_once(supply: Supply, engines: Engines, pools: Pools) -> None:
    for _ in range(3):
        supply.take(wish(1))
    assert (engines.opened, engines.templates, pools.made) == (["embedded run embedded"], 1, 1)
    supply.close()
    assert (pools.open, engines.closed) == ([], 1)


def test_each_engine_has_its_session(supply: Supply, engines: Engines, pools: Pools) -> None:
    supply.take(wish(1))
    supply.take(wish(1, engine="docker"))
    assert engines.opened == ["embedded run embedded", "docker run docker"]
    assert pools.made == 2


@pytest.mark.parametrize(
    ("engine", "keep", "dropped"), [("embedded", False, 0), ("embedded", True, 1), ("docker", False, 1)]
)
def test_on_engines_that_go_nothing_is_dropped_before_unless_they_stay(  # noqa: PLR0913
    supply: Supply, engines: Engines, pools: Pools, engine: str, dropped: int, *, keep: bool
) -> None:
    taken = supply.take(wish(1, engine=engine))
    if keep:
        supply.keep(taken)
    supply.close()
    assert (pools.dropped, engines.closed) == (dropped, 1)


def test_pools_are_few_and_the_one_that_rested_longest_goes(supply: Supply, engines: Engines, pools: Pools) -> None:  # noqa: ARG001
    for seed in (1, 2, 3, 4, 1, 5):
        supply.take(wish(seed))
    assert len(pools.open) == 4
    made = pools.made
    supply.take(wish(1))
    assert pools.made == made
    supply.take(wish(2))
    assert pools.made == made + 1


def test_what_fails_is_tried_once(supply: Supply, engines: Engines, pools: Pools) -> None:  # noqa: ARG001
    for _ in range(3):
        with pytest.raises(UsageError, match="does not load"):
            supply.take(wish(1, empty=True))
    assert engines.templates == 1


def test_no_engine_is_asked_for_once(supply: Supply, engines: Engines, pools: Pools) -> None:  # noqa: ARG001
    engines.fails = True
    for _ in range(3):
        with pytest.raises(NoEngine, match="no engine can be used"):
            supply.take(wish(1))
    assert len(engines.opened) == 1
