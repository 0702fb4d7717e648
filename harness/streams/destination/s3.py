"""Failure records as objects in an S3 bucket, the only ones that carry the event itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from harness.stores.destinations import CallFailed
from harness.streams.destination.base import DestinationFailed, with_payload
from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketDestination:
    """A bucket."""

    #: With `put_object` as boto3 has it; raises CallFailed.
    client: Any
    arn: str
    mapping_uuid: str
    new_id: Callable[[], UUID] = uuid4

    @property
    def describe(self) -> str:
        """The bucket's ARN."""
        return f"bucket {self.arn}"

    def send(self, record: Mapping[str, Any], *, event: Mapping[str, Any] | None) -> None:
        """Put an object under a key of its own."""
        try:
            self.client.put_object(
                Bucket=self.arn.rpartition(":")[2],
                Key=object_key(record, mapping_uuid=self.mapping_uuid, unique=self.new_id()),
                Body=compact(with_payload(record, event)).encode(),
                ContentType="application/json",
            )
        except CallFailed as exc:
            raise DestinationFailed(f"{self.describe} did not take the failure record: {exc}") from exc


def object_key(record: Mapping[str, Any], *, mapping_uuid: str, unique: UUID) -> str:
    """Return `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<unique>`, in the record's own time (UTC).

    Source: "Retaining discarded records for a DynamoDB event source" of the Lambda developer guide.
    """
    at = datetime.fromisoformat(record["timestamp"])
    shard = record["DDBStreamBatchInfo"]["shardId"]
    return f"aws/lambda/{mapping_uuid}/{shard}/{at:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{unique}"
