"""From a record as a Lambda event has it back to one as boto3's GetRecords gives it."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_COPIED = ("eventID", "eventName", "eventVersion", "eventSource", "awsRegion")


def to_stream_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Undo `event.to_lambda_record`: bytes for base64, an instant (UTC) for seconds, capitals in `userIdentity`.

    `eventSourceARN` is Lambda's addition and goes. What the way there took, such as an emulator's names for region and
    account or the spelling of a number, doesn't come back.
    """
    change = record["dynamodb"]
    images = {name: _with_bytes(change[name]) for name in ("Keys", "NewImage", "OldImage") if name in change}
    identity = record.get("userIdentity")
    return {
        **{name: record[name] for name in _COPIED},
        "dynamodb": {
            **change,
            **images,
            "ApproximateCreationDateTime": datetime.fromtimestamp(change["ApproximateCreationDateTime"], UTC),
        },
        **({"userIdentity": {key[0].upper() + key[1:]: value for key, value in identity.items()}} if identity else {}),
    }


def _with_bytes(item: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: _value(value) for name, value in item.items()}


def _value(value: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    match kind:
        case "B":
            return {kind: b64decode(content)}
        case "BS":
            return {kind: [b64decode(element) for element in content]}
        case "L":
            return {kind: [_value(element) for element in content]}
        case "M":
            return {kind: _with_bytes(content)}
        case "SS" | "NS":
            return {kind: list(content)}
        case _:
            return {kind: content}
