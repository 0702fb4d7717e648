"""Stream records made from what an item was and what it became, with no engine."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Literal

from harness.errors import UsageError
from harness.streams.record import Record
from harness.streams.simulation.values import brief, canonical, complaints
from harness.streams.size import attributes_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from harness.dataset import Item

ViewType = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
#: The images that each view type has records carry, where there is one.
IMAGES: dict[str, tuple[str, ...]] = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage"),
}
#: The first of 21 digits; numbers rise and leave gaps, as AWS's do.
FIRST_NUMBER, GAP = 800_000_000_003_126_276_362, 1_009
#: What deletes items whose time to live is over (developer guide, "DynamoDB Streams and Time to Live").
_TTL_IDENTITY = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}


def change(  # noqa: PLR0913 - a record is made of so many things
    before: Item | None,
    after: Item | None,
    *,
    keys: Sequence[str],
    view_type: ViewType,
    at: datetime,
    sequence_number: str,
    region: str = "us-east-1",
    by_ttl: bool = False,
) -> dict[str, Any] | None:
    """Return the record of a write in the shape of boto3's GetRecords, or None for a write that changes nothing.

    `before` and `after` are whole items in boto3's DynamoDB JSON, None where there was none. Equal is what DynamoDB
    takes for equal: numbers by value, sets in any order. `at` (aware) is told to the second, rounded down. `by_ttl`
    marks a deletion by time to live. Raises UsageError for what is no item, has no such key, or has changed its key.
    """
    old, new = (None if item is None else check_item(item, keys) for item in (before, after))
    if old == new:
        return None
    key = {name: (new or old or {})[name] for name in keys}
    if old and new and any(old[name] != key[name] for name in keys):
        raise UsageError(f"a write can't change the key {key}", hint="delete the item and put another one")
    shown = {"NewImage": new, "OldImage": old}
    images = {name: image for name in IMAGES[view_type] if (image := shown[name]) is not None}
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    return {
        "eventID": event_id(sequence_number, name, key),
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "dynamodb": {
            "ApproximateCreationDateTime": at.replace(microsecond=0),
            "Keys": key,
            **images,
            "SequenceNumber": sequence_number,
            "SizeBytes": attributes_size(key) + sum(map(attributes_size, images.values())),
            "StreamViewType": view_type,
        },
        **({"userIdentity": dict(_TTL_IDENTITY)} if by_ttl else {}),
    }


def check_item(item: Mapping[str, Any], keys: Sequence[str]) -> Item:
    """Return an item as DynamoDB would keep it. Raises UsageError where it would refuse it."""
    found = [*complaints(item, "item", is_binary=lambda content: isinstance(content, bytes))]
    if not found:
        found = [f"item.{name}, its key, is {fault}" for name in keys if (fault := _key_fault(item.get(name)))]
    if found:
        raise UsageError(f"DynamoDB would not take {brief(item)}: {found[0]}", hint='write attributes as {"S": "text"}')
    return canonical(item)


def _key_fault(value: Mapping[str, Any] | None) -> str | None:
    if value is None:
        return "missing"
    ((kind, content),) = value.items()
    return None if kind in {"S", "N", "B"} and content else "neither a text, a number nor binary data, or it is empty"


def numbers(first: int = FIRST_NUMBER) -> Iterator[str]:
    """Yield sequence numbers without end: at least 21 digits, rising as numbers (not as text), never neighbours."""
    number = first
    while True:
        yield f"{number:021d}"
        number += GAP


def renumber(records: Iterable[Mapping[str, Any]], first: int = FIRST_NUMBER) -> tuple[dict[str, Any], ...]:
    """Give records that were scattered or delayed new numbers, so that they rise again, as a stream's always do."""
    return tuple(
        {**record, "dynamodb": {**record["dynamodb"], "SequenceNumber": number}}
        for record, number in zip(records, numbers(first), strict=False)
    )


def item_of(record: Record | Mapping[str, Any]) -> str:
    """Return the key of the item that a record is about, as one text; binary keys may be bytes or base64."""
    return record.item if isinstance(record, Record) else _text(record["dynamodb"]["Keys"])


def event_id(sequence_number: str, name: str, key: Mapping[str, Any]) -> str:
    """Return 32 hex digits: the same for the same record wherever and whenever it is made."""
    return hashlib.sha256(f"{sequence_number} {name} {_text(key)}".encode()).hexdigest()[:32]


def _text(key: Mapping[str, Any]) -> str:
    return json.dumps(
        key, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=lambda raw: b64encode(raw).decode()
    )
