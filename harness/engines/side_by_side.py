"""Starting several services at once, within one time budget; the first failure, or Ctrl-C, ends all waiting."""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from harness.engines.interrupts import undisturbed
from harness.engines.readiness import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.endpoint import DynamoDBEndpoint, PostgresEndpoint
    from harness.engines.base import Engine
    from harness.service import Service, ServiceName

    Endpoint = DynamoDBEndpoint | PostgresEndpoint

#: How much of a log a failure quotes.
_LOG_LINES = 15


class _Cancelled(Exception):
    """Another service failed, so this one is not waited for."""


def start_side_by_side(
    engine: Engine, services: Sequence[Service], probe: Callable[[Endpoint], None], *, timeout: float
) -> dict[ServiceName, Endpoint]:
    """Start all services and wait until each answers. What was started when this raises is the caller's to stop."""
    cancelled = threading.Event()
    deadline = time.monotonic() + timeout

    def pause(seconds: float) -> None:
        if cancelled.wait(seconds):
            raise _Cancelled

    def bring_up(service: Service) -> Endpoint:
        endpoint = engine.start(service)
        wait_until(
            service.name,
            lambda: probe(endpoint),
            timeout=max(0.0, deadline - time.monotonic()),
            alive=lambda: engine.alive(service),
            logs=lambda: engine.logs(service, _LOG_LINES),
            sleep=pause,
        )
        return endpoint

    pool = ThreadPoolExecutor(max_workers=len(services))
    try:
        futures = {service.name: pool.submit(bring_up, service) for service in services}
        wait(futures.values(), return_when=FIRST_EXCEPTION)
    finally:
        cancelled.set()
        with undisturbed():  # a thread must not start a process after the caller has stopped them all
            pool.shutdown(cancel_futures=True)
    _raise_first(list(futures.values()))
    return {name: future.result() for name, future in futures.items()}


def _raise_first(futures: list[Future[Endpoint]]) -> None:
    for future in futures:
        failure = future.exception()
        if failure is not None and not isinstance(failure, _Cancelled):
            raise failure
