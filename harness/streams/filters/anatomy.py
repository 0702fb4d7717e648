"""What can stand where in a record, so that a pattern can be judged before any record came.

Source: the DynamoDB Streams API reference (Record, StreamRecord, Identity) and AttributeValue of the DynamoDB API.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from harness.streams.filters.rule import is_number

if TYPE_CHECKING:
    from harness.streams.filters.rule import Rule

KINDS = ("INSERT", "MODIFY", "REMOVE")
_FULL = "NEW_AND_OLD_IMAGES"
_IMAGES = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    _FULL: ("NewImage", "OldImage"),
}
_LACKING = {"INSERT": "OldImage", "REMOVE": "NewImage"}


class Leaf(Enum):
    """What JSON has at the end of a path; the value says it in words."""

    TEXT = "text"
    NUMBER = "a number"
    TRUTH = "true or false"


class Names(Enum):
    """Objects whose keys aren't known beforehand, and the typed values in them."""

    ITEM = "an item: any attribute may stand in it"
    VALUE = "a value: one type descriptor stands in it"


Shape = Leaf | Names | Mapping[str, "Shape"]

DESCRIPTORS: Mapping[str, Shape] = {
    **dict.fromkeys(("S", "N", "B", "SS", "NS", "BS"), Leaf.TEXT),
    "BOOL": Leaf.TRUTH,
    "NULL": Leaf.TRUTH,
    "L": Names.VALUE,
    "M": Names.ITEM,
}
RECORD: Mapping[str, Shape] = {
    **dict.fromkeys(("eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "eventSourceARN"), Leaf.TEXT),
    "userIdentity": {"principalId": Leaf.TEXT, "type": Leaf.TEXT},
    "dynamodb": {
        "ApproximateCreationDateTime": Leaf.NUMBER,
        "Keys": Names.ITEM,
        "NewImage": Names.ITEM,
        "OldImage": Names.ITEM,
        "SequenceNumber": Leaf.TEXT,
        "SizeBytes": Leaf.NUMBER,
        "StreamViewType": Leaf.TEXT,
    },
}


def below(shape: Shape, name: str) -> Shape | None:
    """Return what stands under a name, or None where no record has that name there."""
    if isinstance(shape, Leaf):
        return None
    if shape is Names.ITEM:
        return Names.VALUE
    return DESCRIPTORS.get(name) if shape is Names.VALUE else shape.get(name)


def images(kind: str, view_type: str | None) -> frozenset[str]:
    """Return which images a record of that eventName carries; an unknown view type counts as the fullest."""
    return frozenset(_IMAGES.get(view_type or _FULL, _IMAGES[_FULL])) - {_LACKING.get(kind, "")}


def can_hold(rule: Rule, leaf: Leaf) -> bool:
    """Tell whether some value of that kind would pass."""
    match rule.operator:
        case "exists" | "anything-but":
            return True
        case "numeric":
            return leaf is Leaf.NUMBER
        case "equals":
            return _kind_of(rule.operand) is leaf
    return leaf is Leaf.TEXT


def _kind_of(value: object) -> Leaf | None:
    if isinstance(value, bool):
        return Leaf.TRUTH
    if is_number(value):
        return Leaf.NUMBER
    return Leaf.TEXT if isinstance(value, str) else None
