"""Records as a handler sees them, to hold filters against."""

from __future__ import annotations

import json
from typing import Any

from harness.streams.filters.criteria import FilterCriteria

Item = dict[str, dict[str, Any]]


def record(kind: str, new: Item | None = None, old: Item | None = None, **more: Any) -> dict[str, Any]:
    images = {name: image for name, image in (("NewImage", new), ("OldImage", old)) if image is not None}
    change = {
        "ApproximateCreationDateTime": 1795312318.0,
        "Keys": {"pk": (new or old or {}).get("pk", {"S": "USER#1"})},
        **images,
        "SequenceNumber": "000000000000000000001",
        "SizeBytes": 70,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    return {
        "eventID": "58d755f3d095459686c3d445edd550b4",
        "eventName": kind,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": change,
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-11-22T01:51:58.702",
        **more,
    }


MODIFIED = record(
    "MODIFY",
    new={
        "pk": {"S": "USER#1"},
        "age": {"N": "42"},
        "f": {"S": "a.PNG"},
        "vip": {"BOOL": True},
        "nul": {"NULL": True},
        "tags": {"L": [{"S": "x"}, {"S": "y"}]},
        "ss": {"SS": ["a", "b"]},
    },
)


def at(path: str, rules: Any) -> dict[str, Any]:
    """Put rules at a place: `at("dynamodb.Keys", [])` is `{"dynamodb": {"Keys": []}}`."""
    for name in reversed(path.split(".")):
        rules = {name: rules}
    assert isinstance(rules, dict)
    return rules


def new(path: str, rules: Any) -> dict[str, Any]:
    return at(f"dynamodb.NewImage.{path}", rules)


def criteria(*patterns: Any) -> FilterCriteria:
    return FilterCriteria.of([json.dumps(pattern) for pattern in patterns])


def passes(data: dict[str, Any], *patterns: Any) -> bool:
    return criteria(*patterns).matches(data)
