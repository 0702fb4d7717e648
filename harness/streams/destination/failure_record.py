"""What AWS tells of records that it gives up.

Source: "Retaining discarded records for a DynamoDB event source" of the Lambda developer guide. That page shows no
mapping with a window; `timeWindowInfo`, and the two fields that are left of the batch where it had no records, are taken
from a public project's replay of what AWS sent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from harness.streams.invocation import Invocation

if TYPE_CHECKING:
    from harness.streams.delivery.decision import Discard

#: That the function was reached, whatever it did then.
_STATUS = 200
_WINDOW_FIELDS = ("window", "isFinalInvokeForWindow", "isWindowTerminatedEarly")


def failure_record(
    discard: Discard, *, function_arn: str, function_version: str, stream_arn: str, now: float
) -> dict[str, Any]:
    """Return the record, without the payload that only buckets get.

    `stream_arn` is the one that handlers see; `now` is epoch seconds. The sequence numbers are the lowest and the highest.
    Where the function was never called, `requestId` is made from what is discarded: it looks like one, and the same
    discard has the same.
    """
    record: dict[str, Any] = {
        "requestContext": {
            "requestId": discard.request_id or _made_up_id(discard, stream_arn),
            "functionArn": function_arn,
            "condition": discard.condition,
            "approximateInvokeCount": discard.invokes,
        },
        "responseContext": {
            "statusCode": _STATUS,
            "executedVersion": function_version,
            "functionError": discard.function_error,
        },
        "version": "1.0",
        "timestamp": _instant(now, "milliseconds"),
        "DDBStreamBatchInfo": _batch_info(discard, stream_arn),
    }
    if discard.condition == "RecordAgeExceeded":
        del record["responseContext"]
    if discard.invocation is not None and discard.invocation.tumble is not None:
        event = discarded_event(discard, stream_arn=stream_arn)
        record["timeWindowInfo"] = {name: event[name] for name in _WINDOW_FIELDS}
    return record


def discarded_event(discard: Discard, *, stream_arn: str) -> dict[str, Any]:
    """Return the event of the last call; only with what is discarded where that is less, or was never sent."""
    invocation = discard.invocation or Invocation(
        lane=discard.lane, shard_id=discard.shard_id, records=discard.records, attempt=1
    )
    return replace(invocation, records=discard.records).event(stream_arn)


def _batch_info(discard: Discard, stream_arn: str) -> dict[str, Any]:
    info: dict[str, Any] = {"shardId": discard.shard_id}
    if discard.records:
        ordered = sorted(discard.records, key=lambda record: record.position)
        first, last = ordered[0], ordered[-1]
        info |= {
            "startSequenceNumber": first.sequence_number,
            "endSequenceNumber": last.sequence_number,
            "approximateArrivalOfFirstRecord": _instant(first.created_at, "seconds"),
            "approximateArrivalOfLastRecord": _instant(last.created_at, "seconds"),
            "batchSize": len(ordered),
        }
    return info | {"streamArn": stream_arn}


def _made_up_id(discard: Discard, stream_arn: str) -> str:
    numbers = ",".join(record.sequence_number for record in discard.records)
    return str(uuid5(NAMESPACE_URL, f"{stream_arn}/{discard.shard_id}/{discard.condition}/{numbers}"))


def _instant(seconds: float, precision: str) -> str:
    """Return UTC, cut off (not rounded) at the precision."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"
