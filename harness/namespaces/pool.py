"""Namespaces made ahead of time, in the background, while tests run."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from harness.errors import EnvironmentFailure, HarnessError
from harness.namespaces.sizing import Sizing, Stock, has_surplus, is_wanting

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from harness.namespaces.namespace import Namespace

log = logging.getLogger(__name__)

#: How many may be ready at most: some 10 MB each in the engines.
MAXIMUM = 8
#: Seconds without a taker after which one less is kept ready.
IDLE = 2.0
#: Seconds between two looks at whether the thread still lives, for a taker who waits.
_LOOK = 1.0


class Pool:
    """Namespaces of one template. `take` and `give_back` may be called by any thread of the process that made it.

    One thread of the pool's own makes, another drops. What can't be dropped is left to the next sweep.
    """

    def __init__(
        self,
        make: Callable[[], Namespace],
        drop: Callable[[Namespace], None],
        *,
        maximum: int = MAXIMUM,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self._drop, self._clock = make, drop, clock
        self._changed = threading.Condition()
        self._sizing = Sizing(maximum=maximum)
        self._ready: deque[Namespace] = deque()
        self._returned: deque[Namespace] = deque()
        self._taken: dict[str, Namespace] = {}
        self._waiting = 0
        self._failure: BaseException | None = None
        self._closing = False
        self._taken_at = clock()
        self._pid = os.getpid()
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="make")
        self._threads = [
            threading.Thread(target=self._repeat, args=(work,), name=f"{name} namespaces", daemon=True)
            for name, work in (("make", self._make_next), ("drop", self._drop_next))
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def take(self) -> Namespace:
        """Return a namespace; wait only when none is ready.

        What making one failed with is raised, once; the next `take` tries anew.
        """
        self._refuse_fork()
        with self._changed:
            self._taken_at = self._clock()
            if not self._ready:
                self._sizing = self._sizing.after_waiting()
                self._wait_for_one()
            namespace = self._ready.popleft()
            self._taken[namespace.name] = namespace
            self._changed.notify_all()
            return namespace

    def give_back(self, namespace: Namespace) -> None:
        """Let a namespace be dropped, some time later. It may be ruined: nobody gets it again."""
        with self._changed:
            if self._taken.pop(namespace.name, None) is not None:
                self._returned.append(namespace)
                self._changed.notify_all()

    def release(self, namespace: Namespace) -> None:
        """Leave a namespace to its user: neither `close` nor anything else of this pool drops it."""
        with self._changed:
            self._taken.pop(namespace.name, None)

    @property
    def target(self) -> int:
        """How many are kept ready by now."""
        return self._sizing.target

    def nudge(self) -> None:
        """Let the thread look at the clock: for those who hold it in their hand."""
        with self._changed:
            self._changed.notify_all()

    def close(self, *, drop: bool = True) -> None:
        """End the thread and drop everything, also what was not given back. Without `drop`: the engines go anyway."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if os.getpid() == self._pid:
            for thread in self._threads:
                thread.join()
            self._maker.shutdown()
            left = [*self._returned, *self._ready, *self._taken.values()]
            self._returned.clear()
            self._ready.clear()
            self._taken.clear()
            for namespace in left if drop else ():
                self._drop_quietly(namespace)

    def _wait_for_one(self) -> None:
        self._waiting += 1
        self._changed.notify_all()
        try:
            while not self._ready:
                if self._failure is not None:
                    failure, self._failure = self._failure, None
                    raise failure
                if self._closing or not all(thread.is_alive() for thread in self._threads):
                    raise EnvironmentFailure(
                        "no more namespaces: the pool is closed" if self._closing else "a thread of the pool died",
                        hint="what it wrote to stderr says why; run the tests again",
                    )
                self._changed.wait(_LOOK)
        finally:
            self._waiting -= 1

    def _repeat(self, work: Callable[[], None]) -> None:
        """Do one thing again and again until the pool is closed: a thread's whole life."""
        try:
            while not self._closing:
                work()
        finally:
            with self._changed:
                self._changed.notify_all()  # who waits looks at whether we live

    def _make_next(self) -> None:
        """Make one as soon as one is wanted."""
        with self._changed:
            if not self._closing and not is_wanting(self._stock(), self._sizing):
                self._changed.wait(self._until_idle())
                return
        future = self._maker.submit(self._make)  # it catches whatever there is to tell who takes
        failure = future.exception()
        with self._changed:
            if failure is None:
                self._ready.append(future.result())
            self._failure = failure
            self._changed.notify_all()

    def _drop_next(self) -> None:
        """Drop one as soon as there is one to drop."""
        with self._changed:
            if self._returned:
                namespace = self._returned.popleft()
            elif has_surplus(self._stock(), self._sizing):
                namespace = self._ready.pop()
            else:
                if not self._closing:
                    self._changed.wait()
                return
        self._drop_quietly(namespace)
        with self._changed:
            self._changed.notify_all()  # making may have been held up

    def _until_idle(self) -> float | None:
        """Return how long to rest; keep less ready when that long nobody has come. None: until something changes."""
        if self._sizing.target == 1:
            return None
        left = self._taken_at + IDLE - self._clock()
        if left > 0:
            return left
        self._sizing, self._taken_at = self._sizing.after_idling(), self._clock()
        self._changed.notify_all()
        return 0

    def _stock(self) -> Stock:
        return Stock(
            ready=len(self._ready),
            returned=len(self._returned),
            waiting=self._waiting,
            failed=self._failure is not None,
        )

    def _drop_quietly(self, namespace: Namespace) -> None:
        try:
            self._drop(namespace)
        except HarnessError as exc:
            log.warning("%s could not be dropped and is left to the next start: %s", namespace.name, exc.message)

    def _refuse_fork(self) -> None:
        if os.getpid() != self._pid:
            raise EnvironmentFailure(
                "a namespace was asked for in a process that was forked from the one that prepares them",
                hint="take it before the fork, or start the process anew (multiprocessing's spawn)",
            )
