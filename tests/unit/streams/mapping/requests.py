"""A request that AWS accepts, to be spoilt."""

from __future__ import annotations

from typing import Any

STREAM = "arn:aws:dynamodb:us-east-1:123456789012:table/messages/stream/2026-11-02T10:00:00.000"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:failed"
UUID = "0e8ba1a7-3f0e-4d2b-9f57-9f4a1a0d5f10"
REQUEST: dict[str, Any] = {"EventSourceArn": STREAM, "FunctionName": "resender", "StartingPosition": "TRIM_HORIZON"}


def request(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (REQUEST | changes).items() if value is not ...}


def filters(*patterns: Any) -> dict[str, Any]:
    return {"Filters": [{"Pattern": pattern} for pattern in patterns]}
