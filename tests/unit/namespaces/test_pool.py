"""A pool with a make and a drop that the test holds in its hand."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from harness.errors import EnvironmentFailure, UsageError
from harness.namespaces.namespace import Namespace, Place
from harness.namespaces.pool import IDLE, Pool
from tests.unit.namespaces.test_naming import BASE

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Bench:
    """Makes namespaces as fast as it is allowed to, and remembers what there is."""

    allowed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(1000))
    failures: list[BaseException] = field(default_factory=list)
    made: int = 0
    there: set[str] = field(default_factory=set)
    most: int = 0
    now: float = 0.0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def make(self) -> Namespace:
        self.allowed.acquire()
        if self.failures:
            raise self.failures.pop(0)
        with self.changed:
            self.made += 1
            namespace = Place(owner=1, number=self.made, token="00000000").namespace(BASE)
            self.there.add(namespace.name)
            self.most = max(self.most, len(self.there))
            self.changed.notify_all()
        return namespace

    def drop(self, namespace: Namespace) -> None:
        with self.changed:
            self.there.remove(namespace.name)
            self.changed.notify_all()

    def pool(self, maximum: int = 8) -> Pool:
        return Pool(self.make, self.drop, maximum=maximum, clock=lambda: self.now)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, timeout=20)


def test_one_is_ready_before_anybody_asks_and_more_after_somebody_waited() -> None:
    bench = Bench()
    with bench.pool() as pool:
        bench.wait_for(lambda: len(bench.there) == 1)
        first, second = pool.take(), pool.take()
        assert first.name != second.name
        bench.wait_for(lambda: len(bench.there) >= 3)
    assert bench.there == set()


def test_what_is_given_back_is_dropped_and_never_given_again() -> None:
    bench = Bench()
    with bench.pool() as pool:
        names = []
        for _ in range(50):
            namespace = pool.take()
            names.append(namespace.name)
            pool.give_back(namespace)
        assert len(set(names)) == 50
    assert bench.there == set()
    assert bench.most <= 3 * 8 + 1


def test_given_back_twice_or_by_a_stranger_is_no_trouble() -> None:
    bench = Bench()
    with bench.pool() as pool:
        namespace = pool.take()
        pool.give_back(namespace)
        pool.give_back(namespace)
        pool.give_back(Place(owner=9, number=9, token="00000000").namespace(BASE))
    assert bench.there == set()


def test_close_drops_what_was_not_given_back_and_spares_what_was_released() -> None:
    bench = Bench()
    pool = bench.pool()
    kept = pool.take()
    pool.take()
    pool.release(kept)
    pool.close()
    assert bench.there == {kept.name}
    with pytest.raises(EnvironmentFailure, match="closed"):
        pool.take()


def test_a_failure_is_raised_once_each_and_making_goes_on() -> None:
    bench = Bench(failures=[UsageError("the seed is wrong", hint="mend it"), MemoryError("no more")])
    with bench.pool() as pool:
        with pytest.raises(UsageError, match="the seed is wrong"):
            pool.take()
        with pytest.raises(MemoryError, match="no more"):
            pool.take()
        pool.take()
        assert bench.failures == []


def test_nothing_is_made_while_nobody_was_told_of_a_failure() -> None:
    bench = Bench(failures=[UsageError("first", hint="x"), UsageError("second", hint="x")])
    with bench.pool() as pool, pytest.raises(UsageError, match="first"):
        pool.take()
    assert len(bench.failures) <= 1


def test_what_can_not_be_dropped_is_left_to_the_next_sweep(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()

    def drop(namespace: Namespace) -> None:
        raise EnvironmentFailure(f"{namespace.name}: the engine is gone", hint="x")

    with closing(Pool(bench.make, drop)) as pool:
        pool.give_back(pool.take())
    assert "the engine is gone" in caplog.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_noticed() -> None:
    bench = Bench()

    def drop(namespace: Namespace) -> None:
        raise RuntimeError(f"a mistake of ours with {namespace.name}")

    def go_on() -> None:
        for _ in range(100):
            pool.give_back(pool.take())

    pool = Pool(bench.make, drop)
    with pytest.raises(EnvironmentFailure, match="thread of the pool died"):
        go_on()


def test_less_is_kept_ready_when_nobody_comes() -> None:
    bench = Bench()
    with bench.pool() as pool:
        taken = [pool.take() for _ in range(8)]
        grown = pool.target
        assert grown > 1
        for namespace in taken:
            pool.give_back(namespace)
        bench.wait_for(lambda: len(bench.there) == grown)
        bench.now += IDLE + 1
        pool.give_back(pool.take())  # a sign of life starts the time anew
        bench.wait_for(lambda: len(bench.there) == grown)
        while pool.target > 1:
            bench.now += IDLE + 1
            pool.nudge()
        bench.wait_for(lambda: len(bench.there) == 1)


def test_many_takers_at_once_each_get_their_own() -> None:
    bench, names, lock = Bench(), [], threading.Lock()
    with bench.pool(maximum=4) as pool:

        def work() -> None:
            for _ in range(20):
                namespace = pool.take()
                with lock:
                    names.append(namespace.name)
                pool.give_back(namespace)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(names) == len(set(names)) == 160
    assert bench.there == set()


def test_a_forked_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    with bench.pool() as pool:
        monkeypatch.setattr(os, "getpid", lambda: -1)
        with pytest.raises(EnvironmentFailure, match="forked"):
            pool.take()
        monkeypatch.undo()
