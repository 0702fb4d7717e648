"""The parameters of an AWS call as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Services whose requests are DynamoDB JSON.
_IN_DYNAMODB_JSON = frozenset({"dynamodb", "dynamodbstreams"})


def sent(service: str, request: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters as they go out: for DynamoDB the body, whichever of boto3's two interfaces made it."""
    if service in _IN_DYNAMODB_JSON:
        body: dict[str, Any] = json.loads(request["body"])
        return body
    return given


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
