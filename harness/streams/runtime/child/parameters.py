"""The parameters of an AWS call as JSON."""

from __future__ import annotations

from typing import Any

#: Services whose requests are DynamoDB JSON: told as they go out, whichever of boto3's two interfaces makes them.
IN_DYNAMODB_JSON = frozenset({"dynamodb", "dynamodbstreams"})


def as_json(value: Any) -> Any:
    """Return nothing but JSON's types; content is replaced by a note of what it is."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): as_json(element) for key, element in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(element) for element in value]
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return f"<{type(value).__name__}>"
