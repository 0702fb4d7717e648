"""One call of the function: what it is called with, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A tumbling window, `[start, end)`, in whole epoch seconds."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tumble:
    """What an event carries besides its records when the mapping has a tumbling window."""

    window: Window
    #: What the function returned last in this window; {} at its beginning.
    state: Any
    final: bool = False
    terminated_early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A batch that is due. Only the final invocation of a tumbling window has no records."""

    #: Which of the shard's lanes it belongs to; a lane has one invocation at a time.
    lane: int
    shard_id: str
    records: tuple[Record, ...]
    #: 1 for the first call with exactly this batch, counted anew for halves and remainders.
    attempt: int
    tumble: Tumble | None = None

    def event(self, stream_arn: str) -> dict[str, Any]:
        """Return a fresh event: whatever the handler does to it, the next attempt gets the whole one."""
        event: dict[str, Any] = {"Records": [record.data for record in self.records]}
        if self.tumble is not None:
            window = self.tumble.window
            event |= {
                "window": {"start": _instant(window.start), "end": _instant(window.end)},
                "state": self.tumble.state,
                "shardId": self.shard_id,
                "eventSourceARN": stream_arn,
                "isFinalInvokeForWindow": self.tumble.final,
                "isWindowTerminatedEarly": self.tumble.terminated_early,
            }
        fresh: dict[str, Any] = json.loads(compact(event))
        return fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCall:
    """One request to AWS that the handler, or the trigger itself, made."""

    #: As botocore names the service: `dynamodb`, `dynamodbstreams`, `sqs`, `s3`, …
    service: str
    #: As AWS names it: `PutItem`, `Query`, …
    operation: str
    #: As they went out; for DynamoDB in DynamoDB JSON with binary values in base64.
    parameters: Mapping[str, Any]
    #: The region that the caller asked for, which is not where the call went.
    region: str
    #: The endpoint that the caller asked for, where it was named in code.
    endpoint: str | None = None
    #: CapacityUnits summed over tables; None where the service told none.
    capacity: float | None = None
    #: AWS's error code, or the exception's name; None where all went well.
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an invocation came to (Lambda's Invoke, RequestResponse)."""

    #: `returned`: with `response`. `function_error`: with `error`. `not_invoked`: throttled or missing, with `reason`.
    outcome: Literal["returned", "function_error", "not_invoked"]
    #: New for each call, retries included.
    request_id: str
    #: The handler's answer after its trip through JSON.
    response: Any = None
    #: Lambda's error payload: errorMessage, errorType, and where it has them requestId and stackTrace.
    error: Mapping[str, Any] | None = None
    reason: str | None = None
    #: What the handler asked of AWS, oldest first.
    calls: tuple[AwsCall, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether the handler came to its end and answered."""
        return self.outcome == "returned"


class Function(Protocol):
    """A Lambda function: a process with AWS's runtime client, or a callable in this process."""

    @property
    def name(self) -> str:
        """Its name, without version or alias."""

    @property
    def arn(self) -> str:
        """`arn:aws:lambda:<region>:<account>:function:<name>`, with the alias or version that the mapping names."""

    @property
    def version(self) -> str:
        """`$LATEST`, or a number."""

    def invoke(self, event: dict[str, Any]) -> Result:
        """Call it once and wait. Never raises for what the handler does. May be called from several threads at once."""

    def close(self) -> None:
        """End what it has running."""


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
