"""After a change is acknowledged, no later look-up tells what was before, whatever goes wrong in between."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.cache import Found, UserCache
from tests.unit.scenarios.cache_world import FakeCache, World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scenarios.cache import Key
    from scenarios.cache.model import Entry, Value
    from tests.unit.scenarios.cache_world import Item

LONGEST = 300
SCHEDULES = 4_000


class FillsWithoutLease(FakeCache):
    """A loader that stores what it read, whatever happened since."""

    def may_fill(self, item: Item | None, token: str) -> bool:  # noqa: ARG002
        return True


class FillsUnderAnyLease(FakeCache):
    """A loader that doesn't ask whose lease it is."""

    def may_fill(self, item: Item | None, token: str) -> bool:  # noqa: ARG002
        return item is not None and item.lease is not None


class DoesNotWaitForExpiry(UserCache):
    """A change that is acknowledged although the cache can't be reached."""

    def _forgotten(self, key: Key) -> bool:
        super()._forgotten(key)
        return True


class ForgetsTheNewNameOnly(UserCache):
    """A change that leaves what it was cached under before."""

    def _invalidate(self, keys: Iterable[Key]) -> None:
        super()._invalidate(sorted(keys)[1:])


class TrustsExpired(UserCache):
    """A reader that takes what is there for fresh until DynamoDB deletes it."""

    def _through_cache(self, key: Key) -> Found:
        entry: Entry = self.cache.get(key)
        value: Value | None = entry.value
        if value is not None:
            return Found(user=value.user, how="hit")
        return super()._through_cache(key)


def scripts() -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 1 << 16), min_size=20, max_size=LONGEST)


@settings(max_examples=300)
@given(script=scripts())
def test_no_look_up_tells_what_was_before_an_acknowledged_change(script: list[int]) -> None:
    assert World(script=script).play().wrong == []


def random_worlds(count: int, **how: object) -> Iterable[World]:
    for seed in range(count):
        random = Random(seed)
        script = [random.randrange(1 << 16) for _ in range(random.randrange(20, LONGEST))]
        yield World(script=script, **how).play()  # type: ignore[arg-type]


def test_every_kind_of_answer_is_judged() -> None:
    told: Counter[str] = Counter()
    for world in random_worlds(1_000):
        assert world.wrong == []
        told.update(world.how)
    assert set(told) == {"hit", "loaded", "waited", "around", "stale"}


@pytest.mark.parametrize("cache", [FillsWithoutLease, FillsUnderAnyLease])
def test_law_needs_the_condition_of_the_lease(cache: type[FakeCache]) -> None:
    assert any(world.wrong for world in random_worlds(SCHEDULES, cache=cache))


@pytest.mark.parametrize("make", [DoesNotWaitForExpiry, ForgetsTheNewNameOnly, TrustsExpired])
def test_law_needs_the_rest(make: type[UserCache]) -> None:
    assert any(world.wrong for world in random_worlds(SCHEDULES, make=make))
