"""From a record that GetRecords gives to the event that a Lambda handler receives."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from decimal import Context
from math import floor
from typing import TYPE_CHECKING, Any

from harness.streams.size import attributes_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

#: What DynamoDB Local says whatever the client's region and account are.
_LOCAL_REGION, _LOCAL_ACCOUNT = "ddblocal", "000000000000"
_SECONDS_LEFT_IN_MINUTE = 59
_EXACT = Context(prec=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The stream that records come from, as the handler is to see it."""

    #: As the engine names it; API calls need this one.
    arn: str
    #: Stand in where the engine has no real region or account.
    region: str = "us-east-1"
    account: str = "123456789012"

    @property
    def shown_arn(self) -> str:
        """`arn:aws:dynamodb:<region>:<account>:table/<table>/stream/<label>`, without an emulator's placeholders."""
        arn, aws, service, region, account, resource = self.arn.split(":", 5)
        account = self.account if account == _LOCAL_ACCOUNT else account
        return ":".join((arn, aws, service, self.shown_region(region), account, resource))

    def shown_region(self, region: str) -> str:
        """Return the region, or the configured one where the engine has none."""
        return self.region if region == _LOCAL_REGION else region


def to_lambda_event(records: Sequence[Mapping[str, Any]], source: Source, *, seen_at: datetime) -> dict[str, Any]:
    """Return the event, made of fresh objects that hold nothing but JSON's types."""
    event = {"Records": [to_lambda_record(record, source, seen_at=seen_at) for record in records]}
    parsed: dict[str, Any] = json.loads(json.dumps(event))
    return parsed


def to_lambda_record(
    record: Mapping[str, Any], source: Source, *, seen_at: datetime, canonical_numbers: bool = True
) -> dict[str, Any]:
    """Convert one record; `seen_at` is when it was first read, for engines that know only the minute.

    Without `canonical_numbers`, numbers keep the spelling that the engine has.
    """
    number = canonical_number if canonical_numbers else str
    change = record["dynamodb"]
    images = {name: change[name] for name in ("Keys", "NewImage", "OldImage") if name in change}
    shown = {
        "ApproximateCreationDateTime": _created_at(record, seen_at),
        **{name: {key: _plain(value, number) for key, value in image.items()} for name, image in images.items()},
        "SequenceNumber": change["SequenceNumber"],
        "SizeBytes": sum(attributes_size(image) for image in images.values()),
        "StreamViewType": change["StreamViewType"],
    }
    identity = record.get("userIdentity")
    return {
        "eventID": record["eventID"].replace("-", ""),
        "eventName": record["eventName"],
        "eventVersion": record.get("eventVersion", "1.1"),
        "eventSource": "aws:dynamodb",
        "awsRegion": source.shown_region(record["awsRegion"]),
        "dynamodb": shown,
        # The Streams API spells these keys with capitals, the event does not.
        **({"userIdentity": {key[0].lower() + key[1:]: value for key, value in identity.items()}} if identity else {}),
        "eventSourceARN": source.shown_arn,
    }


def _created_at(record: Mapping[str, Any], seen_at: datetime) -> float:
    stamp = int(record["dynamodb"]["ApproximateCreationDateTime"].timestamp())
    if record["awsRegion"] == _LOCAL_REGION:
        # DynamoDB Local rounds down to the minute: take the second in which we saw it, within that minute.
        stamp = max(stamp, min(floor(seen_at.timestamp()), stamp + _SECONDS_LEFT_IN_MINUTE))
    return float(stamp)


def _plain(value: Mapping[str, Any], number: Callable[[str], str]) -> dict[str, Any]:
    """Return a typed value without bytes, and with its numbers, also the nested ones, as `number` writes them."""
    ((kind, content),) = value.items()
    plain = content
    match kind:
        case "B":
            plain = base64.b64encode(content).decode("ascii")
        case "BS":
            plain = [base64.b64encode(element).decode("ascii") for element in content]
        case "N":
            plain = number(content)
        case "NS":
            plain = [number(element) for element in content]
        case "L":
            plain = [_plain(element, number) for element in content]
        case "M":
            plain = {name: _plain(element, number) for name, element in content.items()}
    return {kind: plain}


def canonical_number(text: str) -> str:
    """Write a number without exponent, outer zeros or minus zero."""
    # Most are written so already; asking costs a tenth of what decimals do.
    if text.isascii() and text.isdigit() and (text[0] != "0" or text == "0"):
        return text
    number = _EXACT.create_decimal(text).normalize(_EXACT)
    return f"{number:f}" if number else "0"
