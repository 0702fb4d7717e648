"""An execution environment of Lambda: cold once, warm afterwards, one event at a time, started anew after a crash.

Source: developer guide, "Understanding the Lambda execution environment lifecycle". The init phase comes with the first
invocation and may take 10 s. Where it fails, the invocation runs it again, now on its own time, and reports the failure.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from harness.streams.invocation import Result
from harness.streams.runtime import failures, log_lines
from harness.streams.runtime.log_lines import LogLines, Report, Status
from harness.streams.runtime.process import RuntimeProcess, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.streams.invocation import AwsCall
    from harness.streams.runtime.configuration import FunctionConfiguration

_INIT_LIMIT = 10.0
_MB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """How an invocation, or an init phase, ended."""

    status: Status = "success"
    response: Any = None
    error: Mapping[str, Any] | None = None
    #: As the report names it.
    error_type: str | None = None
    #: What Lambda writes to the log about it.
    note: str | None = None


class ExecutionEnvironment:
    """Keeps a process between invocations. Not for several threads at once, except `interrupt`."""

    def __init__(self, configuration: FunctionConfiguration, log: Callable[[str], None]) -> None:
        self._configuration = configuration
        self._log = log
        self._lines = LogLines(log_format=configuration.log_format)
        self._log_stream = f"{datetime.now(UTC):%Y/%m/%d}/[{configuration.version}]{uuid4().hex}"
        self._process: RuntimeProcess | None = None
        self._is_cold = True
        self._calls: list[AwsCall] = []
        self._peak = 0

    def invoke(self, event: bytes, request_id: str) -> Result:
        """Call the handler once, with a cold start before it where there is no process."""
        try:
            init = self._first_init(request_id) if self._is_cold else None
            self._log(self._lines.start(request_id, self._configuration.version, time.time()))
            began = time.monotonic()
            ending = self._turn(event, request_id, deadline=began + self._configuration.timeout)
            self._tell_end(request_id, ending, milliseconds=(time.monotonic() - began) * 1000, init=init)
        except BaseException:
            self.close()  # interrupted: nobody knows what the process is at
            raise
        calls, self._calls = tuple(self._calls), []
        if ending.error is not None:
            return Result(outcome="function_error", request_id=request_id, error=ending.error, calls=calls)
        return Result(outcome="returned", request_id=request_id, response=ending.response, calls=calls)

    def interrupt(self) -> None:
        """End the process from another thread; the invocation under way fails."""
        if self._process is not None:
            self._process.interrupt()

    def close(self) -> None:
        """End the process, where there is one."""
        process, self._process = self._process, None
        if process is not None:
            self._calls += process.api.take_calls()
            self._peak = max(self._peak, process.peak)
            process.close()

    def _first_init(self, request_id: str) -> float | None:
        """Run the init phase. Returns the milliseconds it took, or None where it failed."""
        self._is_cold = False
        began = time.monotonic()
        ending = self._wait_for_init(self._start(), request_id, began + _INIT_LIMIT, _INIT_LIMIT)
        milliseconds = (time.monotonic() - began) * 1000
        if ending is None:
            return milliseconds
        self.close()
        self._log(self._lines.init_report(milliseconds, ending.status, ending.error_type, time.time()))
        return None

    def _start(self) -> RuntimeProcess:
        self._process = RuntimeProcess(self._configuration, log_stream=self._log_stream, log=self._log)
        return self._process

    def _wait_for_init(
        self, process: RuntimeProcess, request_id: str, deadline: float, seconds: float
    ) -> _Ending | None:
        """Wait until the process asks for an event; None when it does."""
        stop = process.run(deadline=deadline, until=lambda: process.api.is_asked)
        process.drain()
        return None if stop is Stop.DONE else self._failure(process, stop, request_id, seconds)

    def _turn(self, event: bytes, request_id: str, *, deadline: float) -> _Ending:
        process = self._process
        if process is None or not process.is_alive:
            self.close()
            process = self._start()
            if (ending := self._wait_for_init(process, request_id, deadline, self._configuration.timeout)) is not None:
                return ending
        api = process.api
        api.give(event, self._headers(request_id), request_id)
        stop = process.run(deadline=deadline, until=lambda: api.answer is not None and api.is_asked)
        process.drain()
        if api.answer is None or stop is Stop.MEMORY:
            return self._failure(process, stop, request_id, self._configuration.timeout)
        if stop is not Stop.DONE:  # it answered, but asks for nothing more
            self.close()
        if api.answer.too_large:
            return _failed(failures.response_too_large())
        value = _parsed(api.answer.body)
        if not api.answer.failed:
            return _Ending(response=value)
        # To Lambda, a process that reports the handler's error has done its work: the status stays.
        return _Ending(
            error=value if isinstance(value, dict) else {"errorMessage": value, "errorType": "Runtime.Unknown"}
        )

    def _headers(self, request_id: str) -> dict[str, str]:
        return {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self._configuration.timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self._configuration.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]};Sampled=0",
        }

    def _failure(self, process: RuntimeProcess, stop: Stop, request_id: str, seconds: float) -> _Ending:
        """End the process and say what became of the invocation."""
        self.close()
        if stop is Stop.DEADLINE:
            note = log_lines.timed_out(request_id, seconds, time.time())
            return _Ending(status="timeout", error=failures.timed_out(request_id, seconds), note=note)
        if process.api.init_error is not None:
            return _failed(process.api.init_error)
        how = failures.end_of_process(process.exit_code)
        return _Ending(
            status="error",
            error=failures.exited(request_id, how),
            error_type="Runtime.OutOfMemory" if stop is Stop.MEMORY else "Runtime.ExitError",
            note=log_lines.exited(request_id, how),
        )

    def _tell_end(self, request_id: str, ending: _Ending, *, milliseconds: float, init: float | None) -> None:
        """Write END and REPORT, and take along what the process left."""
        if self._process is not None:
            self._calls += self._process.api.take_calls()
            self._peak = max(self._peak, self._process.peak)
        memory = self._configuration.memory
        report = Report(
            request_id=request_id,
            duration=min(milliseconds, self._configuration.timeout * 1000.0),
            memory=memory,
            used=min(memory, -(-self._peak // _MB)),
            init=init,
            status=ending.status,
            error_type=ending.error_type,
        )
        for line in (*([ending.note] if ending.note else []), *self._lines.end(request_id)):
            self._log(line)
        self._log(self._lines.report(report, time.time()))


def _failed(error: Mapping[str, Any]) -> _Ending:
    return _Ending(status="error", error=error, error_type=error.get("errorType"))


def _parsed(body: bytes) -> Any:
    """Read the answer; a handler that returns bytes may return anything."""
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
