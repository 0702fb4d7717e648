"""A record as DynamoDB Local gives it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/2026-11-22T01:51:58.702"
STAMP = datetime(2026, 11, 22, 1, 51, tzinfo=UTC)


def stream_record(number: int, *, text: str = "") -> dict[str, Any]:
    """A record as boto3 gives it for DynamoDB Local."""
    keys = {"pk": {"S": f"MSG#{number}"}, "sk": {"S": "1"}}
    return {
        "eventID": f"58d755f3-d095-4596-86c3-{number:012d}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "ddblocal",
        "dynamodb": {
            "ApproximateCreationDateTime": STAMP,
            "Keys": keys,
            "NewImage": keys | {"message": {"S": text}},
            "SequenceNumber": f"{number:021d}",
            "SizeBytes": 0,
            "StreamViewType": "NEW_IMAGE",
        },
    }
