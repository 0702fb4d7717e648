"""Invokes a Lambda handler in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from harness.guest import Outcome, attempt

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMEOUT_MS = 900_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The few things of Lambda's context object that handlers ask for."""

    function_name: str
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    log_stream_name: str = "local"

    @property
    def invoked_function_arn(self) -> str:
        """An ARN as Lambda writes it."""
        return f"arn:aws:lambda:us-east-1:123456789012:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """Where Lambda would log to."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the longest time that Lambda allows: nothing is timed here."""
        return _TIMEOUT_MS


def invoke(handler: Callable[[dict[str, Any], object], Any], event: dict[str, Any], *, name: str) -> Outcome[Any]:
    """Call the handler once; what it raises is data."""
    return attempt(lambda: handler(event, Context(function_name=name)))
