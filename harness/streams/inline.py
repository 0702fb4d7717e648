"""Runs a handler in this process: for a debugger, for coverage, and where AWS's runtime client is not to be had.

Lookup, time limit, memory limit and confinement are a process's matters (`runtime/`); errors and answers are as there.
"""

from __future__ import annotations

import json
import logging
import traceback
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from harness.guest import attempt
from harness.streams.inline_calls import listening
from harness.streams.invocation import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    #: As Lambda calls it: `handler(event, context)`.
    Handler = Callable[[dict[str, Any], object], Any]

log = logging.getLogger(__name__)

_TIMEOUT_MS = 900_000


@dataclass(slots=True, kw_only=True)
class Context:
    """Lambda's context object (developer guide, "Using the Lambda context object")."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    log_stream_name: str = "local"
    identity: object = None
    client_context: object = None
    tenant_id: str | None = None

    @property
    def log_group_name(self) -> str:
        """Where Lambda would log to."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the longest time that Lambda allows: nothing is timed here."""
        return _TIMEOUT_MS

    def log(self, message: str) -> None:
        """Write to the log."""
        log.info("%s", message)


@dataclass(kw_only=True)
class InlineFunction:
    """A callable as a Lambda function."""

    handler: Handler
    name: str = "handler"
    region: str = "us-east-1"
    account: str = "123456789012"
    version: str = "$LATEST"
    new_id: Callable[[], str] = field(default=lambda: str(uuid4()))

    @property
    def arn(self) -> str:
        """An ARN as Lambda writes it."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    def invoke(self, event: dict[str, Any]) -> Result:
        """Call the handler; what it raises and what can't be written as JSON is a function error."""
        request_id = self.new_id()
        context = Context(function_name=self.name, invoked_function_arn=self.arn, aws_request_id=request_id)
        with listening() as calls:
            outcome = attempt(lambda: self.handler(event, context))
        if outcome.error is not None:
            error = _payload(outcome.error, request_id)
            log.info("%s raised %s: %s", self.name, error["errorType"], error["errorMessage"])
            return Result(outcome="function_error", request_id=request_id, error=error, calls=tuple(calls))
        try:
            response = json.loads(json.dumps(outcome.value, default=_number))
        except (TypeError, ValueError) as error:
            told = {"errorMessage": f"Unable to marshal response: {error}", "errorType": "Runtime.MarshalError"}
            told["requestId"] = request_id
            return Result(outcome="function_error", request_id=request_id, error=told, calls=tuple(calls))
        return Result(outcome="returned", request_id=request_id, response=response, calls=tuple(calls))

    def close(self) -> None:
        """Nothing runs."""


def _payload(error: BaseException, request_id: str) -> dict[str, Any]:
    if isinstance(error, SystemExit):
        reason = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
        return {"errorType": "Runtime.ExitError", "errorMessage": reason}
    # The first two frames are ours.
    frames = traceback.extract_tb(error.__traceback__)[2:]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
