"""What a request says: its JSON body and its query, with every fault of it told at once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.target import Refused
from scenarios.messaging.writes import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SHORTEST_PAGE, _PAGE, _LONGEST_PAGE = 1, 20, 1000


class Rejected(Exception):
    """What was sent can't be meant: every fault's code, and in words."""

    def __init__(self, faults: Mapping[str, str], status: int = 422) -> None:
        super().__init__("; ".join(faults.values()))
        self.codes = list(faults)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message for a message group, or for somebody by handle: one of the two is None."""

    message: str
    message_group_uuid: str | None
    handle: str | None


def read_post(data: bytes) -> Post:
    """Return what the body of `POST /api/messages` says, or raise Rejected."""
    body = _json_object(data)
    group, handle = body.get("message_group_uuid"), body.get("handle")
    faults = _message_faults(body.get("message"))
    if group is not None and handle is not None:
        faults["receiver_ambiguous"] = "it is for a message group or for a handle, not for both"
    elif group is None:
        faults |= _handle_faults(handle)
    elif not isinstance(group, str) or not _UUID.fullmatch(group.strip()):
        blank = isinstance(group, str) and not group.strip()
        code = "message_group_uuid_blank" if blank else "message_group_uuid_invalid"
        faults[code] = "message_group_uuid is no uuid"
    if faults:
        raise Rejected(faults)
    return Post(message=body["message"], message_group_uuid=group and group.strip().lower(), handle=handle)


def read_uuid(text: str) -> str:
    """Return a message group's uuid as the table has it, or raise Rejected."""
    if not _UUID.fullmatch(text):
        raise Rejected({"message_group_uuid_invalid": f"{text[:50]!r} is no uuid"})
    return text.lower()


def read_page(query: Mapping[str, str]) -> tuple[int, str | None]:
    """Return `limit` and `cursor` of a query string, or raise Rejected."""
    limit = query.get("limit", str(_PAGE))
    number = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < len("100000") else 0
    if not _SHORTEST_PAGE <= number <= _LONGEST_PAGE:
        raise Rejected({"limit_invalid": f"limit is a whole number from {_SHORTEST_PAGE} to {_LONGEST_PAGE}"})
    return number, query.get("cursor") or None


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Rejected({"body_not_json": "the body is no JSON"}, status=400) from error
    if not isinstance(body, dict):
        raise Rejected({"body_not_an_object": "the body is no JSON object"})
    return body


def _message_faults(message: object) -> dict[str, str]:
    if message is not None and not isinstance(message, str):
        return {"message_not_text": "message is no text"}
    try:
        checked(message)
    except Refused as refused:
        return {refused.reason: str(refused)}
    return {}


def _handle_faults(handle: object) -> dict[str, str]:
    if handle is not None and not isinstance(handle, str):
        return {"user_receiver_handle_invalid": "handle is no text"}
    if not (handle or "").strip():
        return {"user_receiver_handle_blank": "it is for nobody: give a message_group_uuid or a handle"}
    return {}
