from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal

from harness.streams.runtime.child.parameters import as_json, sent


def test_dynamodb_is_told_as_it_goes_out() -> None:
    body = b'{"Item": {"pk": {"B": "Zm9v"}}}'
    assert sent("dynamodb", {"body": body}, {"Item": {"pk": b"foo"}}) == {"Item": {"pk": {"B": "Zm9v"}}}


def test_other_services_as_they_were_given() -> None:
    assert sent("s3", {"body": b"<xml/>"}, {"Bucket": "b"}) == {"Bucket": "b"}


def test_only_json_is_left() -> None:
    told = as_json(
        {
            "Body": b"12345",
            "File": io.BytesIO(b"x"),
            "At": datetime(2026, 11, 22, tzinfo=UTC),
            "Tags": ("a", {"b": None}),
            "N": Decimal(1),
            1: [True, 1.5],
        }
    )
    assert told == {
        "Body": "<5 bytes>",
        "File": "<BytesIO>",
        "At": "2026-11-22T00:00:00+00:00",
        "Tags": ["a", {"b": None}],
        "N": "<Decimal>",
        "1": [True, 1.5],
    }
    json.dumps(told)
