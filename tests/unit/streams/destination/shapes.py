"""Records, discards and doubles for the tests of destinations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from harness.stores.destinations import CallFailed
from harness.streams.delivery.decision import Condition, Discard
from harness.streams.invocation import Invocation
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.record import Record

STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/T/stream/2026-01-02T03:04:05.678"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:mover"
SHARD = "shardId-00000001573689847184-864758bb"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failed"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:failed"
BUCKET = "arn:aws:s3:::failed"
UUID = "4c8a1a54-4a3f-4f0b-9e1a-0c5f8d5f4b6e"


def a_record(number: int, *, created_at: float = 1573690399.0, pk: str | None = None) -> Record:
    data = {
        "eventID": f"{number:032x}",
        "eventName": "INSERT",
        "dynamodb": {
            "ApproximateCreationDateTime": created_at,
            "Keys": {"pk": {"S": pk or f"é{number}"}},
            "SequenceNumber": f"{number}",
        },
        "eventSourceARN": STREAM,
    }
    return Record.of(SHARD, data)


def a_discard(*records: Record, condition: Condition = "RetryAttemptsExhausted", **changes: Any) -> Discard:
    invocation = Invocation(lane=0, shard_id=SHARD, records=records, attempt=2)
    discard = Discard(
        lane=0,
        shard_id=SHARD,
        records=records,
        condition=condition,
        invokes=2,
        request_id="r-2",
        function_error="Unhandled",
        invocation=invocation,
    )
    return replace(discard, **changes)


def a_mapping(on_failure: str | None) -> EventSourceMapping:
    return EventSourceMapping(
        uuid=UUID,
        event_source_arn=STREAM,
        function_name="mover",
        starting_position="TRIM_HORIZON",
        on_failure=on_failure,
    )


@dataclass
class FakeClient:
    """Keeps what is asked of it; with `refusal`, refuses."""

    refusal: str | None = None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def get_queue_url(self, **parameters: Any) -> dict[str, str]:
        return self._keep("get_queue_url", parameters) | {"QueueUrl": f"http://q/{parameters['QueueName']}"}

    def send_message(self, **parameters: Any) -> dict[str, str]:
        return self._keep("send_message", parameters)

    def publish(self, **parameters: Any) -> dict[str, str]:
        return self._keep("publish", parameters)

    def put_object(self, **parameters: Any) -> dict[str, str]:
        return self._keep("put_object", parameters)

    def _keep(self, name: str, parameters: dict[str, Any]) -> dict[str, str]:
        if self.refusal is not None:
            raise CallFailed(self.refusal)
        self.calls.append((name, parameters))
        return {}
