"""Failure records as messages of an SQS queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.stores.destinations import CallFailed
from harness.streams.destination.base import DestinationFailed
from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDestination:
    """A standard queue."""

    #: With `get_queue_url` and `send_message` as boto3 has them; raises CallFailed.
    client: Any
    arn: str

    @property
    def describe(self) -> str:
        """The queue's ARN."""
        return f"queue {self.arn}"

    def send(self, record: Mapping[str, Any], *, event: Mapping[str, Any] | None) -> None:  # noqa: ARG002 - queues carry no event
        """Send the record's JSON as the message body."""
        try:
            # Asked each time: a queue may be made only after the mapping was, or be made anew.
            url = self.client.get_queue_url(QueueName=self.arn.rpartition(":")[2])["QueueUrl"]
            self.client.send_message(QueueUrl=url, MessageBody=compact(record))
        except CallFailed as exc:
            raise DestinationFailed(f"{self.describe} did not take the failure record: {exc}") from exc
