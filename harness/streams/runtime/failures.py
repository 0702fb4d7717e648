"""The error payloads that come from Lambda and not from the function's own code."""

from __future__ import annotations

import signal
from typing import Any

#: Bytes that a response may have: 6 MB and a little for what is around it, as Lambda's messages give it.
RESPONSE_LIMIT = 6_291_556
#: Bytes that an event may have.
EVENT_LIMIT = 6_291_456


def timed_out(request_id: str, seconds: float) -> dict[str, Any]:
    """Return the payload of an invocation that took too long."""
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return {"errorType": "Sandbox.Timedout", "errorMessage": message}


def exited(request_id: str, how: str) -> dict[str, Any]:
    """Return the payload of an invocation whose process ended."""
    return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {how}"}


def response_too_large() -> dict[str, Any]:
    """Return the payload of an invocation that returned more than Lambda takes."""
    message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
    return {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}


def event_too_large(size: int) -> str:
    """Return the reason why an event does not reach the function at all (Invoke: RequestTooLargeException)."""
    return (
        f"{size} byte payload is too large for the RequestResponse invocation type (limit {EVENT_LIMIT} bytes): "
        "RequestTooLargeException"
    )


def end_of_process(code: int) -> str:
    """Say how a process ended, by the code that `subprocess` gives: negative for a signal."""
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    return f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"
