"""A Lambda function on this machine: as many execution environments as there are invocations at once."""

from __future__ import annotations

import json
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from harness.errors import EnvironmentFailure, UsageError
from harness.streams.invocation import Result
from harness.streams.record import compact
from harness.streams.runtime.execution_environment import ExecutionEnvironment
from harness.streams.runtime.failures import EVENT_LIMIT, event_too_large

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from harness.streams.runtime.configuration import FunctionConfiguration


class LambdaFunction:
    """Runs a handler in processes of its own. A context manager; `close` ends the processes."""

    def __init__(
        self,
        configuration: FunctionConfiguration,
        *,
        log: Callable[[str], None],
        reserved_concurrency: int | None = None,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        """Prepare; the first process starts with the first invocation.

        `log` gets one event of the function's log at a time, without its end of line, from the thread that invokes.
        `new_id` gives each call its request id.
        Raises EnvironmentFailure where AWS's runtime client is missing, UsageError where the code's folder is.
        """
        _check(configuration)
        self.configuration = configuration
        self._log = log
        self._reserved = reserved_concurrency
        self._new_id = new_id
        self._lock = Lock()
        self._idle: list[ExecutionEnvironment] = []
        self._busy: set[ExecutionEnvironment] = set()
        self._closed = False
        #: So many of the next invocations are throttled; for tests of what a poller does then.
        self.throttle_next = 0

    @property
    def name(self) -> str:
        """Its name, without version or alias."""
        return self.configuration.name

    @property
    def arn(self) -> str:
        """Its ARN, with the alias or version that the mapping names."""
        return self.configuration.arn

    @property
    def version(self) -> str:
        """`$LATEST`, or a number."""
        return self.configuration.version

    def invoke(self, event: dict[str, Any]) -> Result:
        """Call the handler once and wait. May be called from several threads at once."""
        request_id = self._new_id()
        payload = json.dumps(event, separators=(",", ":")).encode()
        if len(payload) > EVENT_LIMIT and (size := len(compact(event).encode(errors="replace"))) > EVENT_LIMIT:
            return Result(outcome="not_invoked", request_id=request_id, reason=event_too_large(size))
        environment = self._take()
        if environment is None:
            reason = "Rate Exceeded.: TooManyRequestsException"
            return Result(outcome="not_invoked", request_id=request_id, reason=reason)
        try:
            return environment.invoke(payload, request_id)
        finally:
            self._give_back(environment)

    def close(self) -> None:
        """End all processes; invocations under way fail."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for environment in self._busy:
                environment.interrupt()
        for environment in idle:
            environment.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self) -> ExecutionEnvironment | None:
        """Return an environment that is free, the last used first; None when throttled."""
        with self._lock:
            if self._closed:
                raise RuntimeError(f"{self.name} is closed")
            if self.throttle_next > 0:
                self.throttle_next -= 1
                return None
            if self._reserved is not None and len(self._busy) >= self._reserved:
                return None
            environment = self._idle.pop() if self._idle else ExecutionEnvironment(self.configuration, self._log)
            self._busy.add(environment)
            return environment

    def _give_back(self, environment: ExecutionEnvironment) -> None:
        with self._lock:
            self._busy.discard(environment)
            if not self._closed:
                self._idle.append(environment)
                return
        environment.close()


def _check(configuration: FunctionConfiguration) -> None:
    if find_spec("awslambdaric") is None or find_spec("runtime_client") is None:
        raise EnvironmentFailure(
            f"{configuration.name}: AWS's runtime client for Python (awslambdaric) is not installed; it is for Linux only",
            hint='set isolation = "none" for the handler, which calls it in the harness\'s own process',
        )
    if not configuration.code.is_dir():
        raise UsageError(
            f"{configuration.name}: there is no folder {configuration.code} to find {configuration.handler} in",
            hint="name the handler's file as it lies below the project's folder",
        )
