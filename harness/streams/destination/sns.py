"""Failure records as notifications of an SNS topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.stores.destinations import CallFailed
from harness.streams.destination.base import DestinationFailed
from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Bytes of a message (SNS: API_Publish).
LIMIT = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDestination:
    """A standard topic."""

    #: With `publish` as boto3 has it; raises CallFailed.
    client: Any
    arn: str

    @property
    def describe(self) -> str:
        """The topic's ARN."""
        return f"topic {self.arn}"

    def send(self, record: Mapping[str, Any], *, event: Mapping[str, Any] | None) -> None:  # noqa: ARG002 - topics carry no event
        """Publish the record's JSON as the message."""
        message = compact(record)
        if (size := len(message.encode())) > LIMIT:
            raise DestinationFailed(f"{self.describe}: a message may have {LIMIT} bytes, the failure record has {size}")
        try:
            self.client.publish(TopicArn=self.arn, Message=message)
        except CallFailed as exc:
            raise DestinationFailed(f"{self.describe} did not take the failure record: {exc}") from exc
