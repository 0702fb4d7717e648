from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal

from harness.streams.runtime.child.parameters import as_json


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
