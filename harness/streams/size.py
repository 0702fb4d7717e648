"""How many bytes DynamoDB counts for an item; emulators give other figures or none."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTAINER_OVERHEAD = 3
_ELEMENT_OVERHEAD = 1


def attributes_size(attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the size of an item, key or image in boto3's DynamoDB JSON (binary values as bytes)."""
    return sum(len(name.encode()) + value_size(value) for name, value in attributes.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Return the size of one typed value, such as `{"S": "text"}`."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            size = len(content.encode())
        case "B":
            size = len(content)
        case "N":
            size = number_size(content)
        case "BOOL" | "NULL":
            size = 1
        case "SS" | "NS" | "BS":
            size = sum(value_size({kind[0]: element}) for element in content)
        case "L":
            size = _CONTAINER_OVERHEAD + sum(_ELEMENT_OVERHEAD + value_size(element) for element in content)
        case "M":
            inner = sum(_ELEMENT_OVERHEAD + value_size(element) for element in content.values())
            size = _CONTAINER_OVERHEAD + inner + sum(len(name.encode()) for name in content)
        case _:
            raise ValueError(f"not a DynamoDB type: {kind}")
    return size


def number_size(text: str) -> int:
    """One byte, one for each pair of digits (pairs count from the decimal point) but outer zeros, one for a minus."""
    sign, digits, exponent = Decimal(text).as_tuple()
    significant = "".join(map(str, digits)).lstrip("0")
    if not significant or not isinstance(exponent, int):
        return 1
    exponent += len(significant) - len(significant.rstrip("0"))
    significant = significant.rstrip("0")
    # `first` and `last` are the pairs, counted from the decimal point, that hold the outermost digits that count.
    first, last = (exponent + len(significant) - 1) // 2, exponent // 2
    return 1 + (first - last + 1) + sign
