"""A page's cursor: the key of the last entry shown, as text that nobody has to understand."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from harness.target import Refused

if TYPE_CHECKING:
    from .keys import Item

_LONGEST = 4096
#: DynamoDB's own limit for a sort key, in bytes.
_LONGEST_SK = 1024


def encode(item: Item) -> str:
    """Return the cursor that continues after an item."""
    key = json.dumps([item["pk"]["S"], item["sk"]["S"]], separators=(",", ":"))
    return base64.urlsafe_b64encode(key.encode()).decode()


def decode(cursor: str, *, pk: str) -> dict[str, Any]:
    """Return the ExclusiveStartKey; raise Refused for what `encode` didn't make for this very list."""
    try:
        key = json.loads(base64.b64decode(cursor[:_LONGEST], altchars=b"-_", validate=True))
        json.dumps(key, ensure_ascii=False).encode()  # half a character is text to JSON, and to nobody else
    except (binascii.Error, ValueError, RecursionError):
        key = None
    match key:
        case [str(found), str(sk)] if found == pk and 0 < len(sk.encode(errors="replace")) <= _LONGEST_SK:
            return {"pk": {"S": pk}, "sk": {"S": sk}}
    raise Refused("cursor_invalid", "the cursor does not belong to this list")
