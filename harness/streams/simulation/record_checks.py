"""What is wrong with a record that claims to be one of a Lambda event."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from harness.streams.record import compact
from harness.streams.simulation.records import IMAGES
from harness.streams.simulation.values import brief, canonical, complaints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: The last second of the year 9999.
_LATEST = 253_402_300_799
#: What one event can hold (Lambda quotas, "Invocation payload"), less its envelope, `{"Records":[]}`.
_LARGEST = 6 * 1024 * 1024 - 14
_IMAGELESS = {"INSERT": "OldImage", "REMOVE": "NewImage"}


def _one_of(*options: str) -> tuple[str, Callable[[Any], bool]]:
    return " or ".join(options), lambda value: value in options


def _like(wanted: str, pattern: str) -> tuple[str, Callable[[Any], bool]]:
    return wanted, lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _number(wanted: str, *kinds: type) -> tuple[str, Callable[[Any], bool]]:
    # By its own type, as a bool is an int.
    return wanted, lambda value: type(value) in kinds and 0 <= value <= _LATEST


#: What every record has, and what each should be.
_FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "eventID": _like("a text", r".+"),
    "eventName": _one_of("INSERT", "MODIFY", "REMOVE"),
    "eventVersion": _like("a text", r".+"),
    "eventSource": _one_of("aws:dynamodb"),
    "awsRegion": _like("a region", r"[a-z0-9-]+"),
    "eventSourceARN": _like("a stream's ARN", r"arn:[^:]+:dynamodb:[^:]+:[0-9]{12}:table/[^/]+/stream/[^/]+"),
    "dynamodb": ("an object", lambda value: isinstance(value, dict)),
    "dynamodb.ApproximateCreationDateTime": _number("epoch seconds, a number", int, float),
    "dynamodb.Keys": (
        "an object of one or two attributes",
        lambda value: isinstance(value, dict) and len(value) in {1, 2},
    ),
    # AWS gives 21 digits and more; samples made by hand have fewer.
    "dynamodb.SequenceNumber": _like("1 to 40 digits in quotes", r"[0-9]{1,40}"),
    "dynamodb.SizeBytes": _number("a whole number", int),
    "dynamodb.StreamViewType": _one_of(*IMAGES),
}


def record_complaints(record: Any) -> Iterator[str]:
    """Say, field by field, what of a record can't have come from a stream; the first is the one to mend."""
    if not isinstance(record, dict):
        yield f"a record should be an object, and is {brief(record)}"
        return
    found = [*_field_complaints(record)]
    if not found:
        found = [*_value_complaints(record["dynamodb"])]
    if not found:
        found = [*_image_complaints(record["eventName"], record["dynamodb"]), *_size_complaints(record)]
    yield from found


def _field_complaints(record: Mapping[str, Any]) -> Iterator[str]:
    for path, (wanted, fits) in _FIELDS.items():
        parent, _, name = path.rpartition(".")
        holder = record.get(parent) if parent else record
        if not isinstance(holder, dict):
            continue
        if name not in holder:
            yield f"{path} is missing"
        elif not fits(holder[name]):
            yield f"{path} should be {wanted}, and is {brief(holder[name])}"
    identity = record.get("userIdentity", {"type": "", "principalId": ""})
    if not isinstance(identity, dict) or identity.keys() != {"type", "principalId"}:
        yield f"userIdentity should be an object of `type` and `principalId`, and is {brief(identity)}"


def _value_complaints(change: Mapping[str, Any]) -> Iterator[str]:
    for part in ("Keys", "NewImage", "OldImage"):
        if part in change:
            yield from complaints(change[part], f"dynamodb.{part}", is_binary=_is_base64)


def _image_complaints(name: str, change: Mapping[str, Any]) -> Iterator[str]:
    view = change["StreamViewType"]
    keys = canonical(change["Keys"])
    for image in ("NewImage", "OldImage"):
        expected = image in IMAGES[view] and image != _IMAGELESS.get(name)
        if expected != (image in change):
            yield f"dynamodb.{image} {'is missing from' if expected else 'does not belong in'} {name} with {view}"
        elif expected and canonical({key: change[image].get(key, {"NULL": True}) for key in keys}) != keys:
            yield f"dynamodb.{image} is of another item than dynamodb.Keys"


def _size_complaints(record: Mapping[str, Any]) -> Iterator[str]:
    try:
        size = len(compact(record).encode())
    except UnicodeEncodeError:
        yield "a text holds half of a surrogate pair, which is no character"
    else:
        if size > _LARGEST:
            yield f"a record of {size:,} bytes fits into no event: 6 MB leave {_LARGEST:,} for records"


def _is_base64(content: Any) -> bool:
    try:
        return isinstance(content, str) and b64decode(content, validate=True) is not None
    except ValueError:
        return False
