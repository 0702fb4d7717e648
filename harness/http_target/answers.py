"""The reference application's answers: their shapes, read and judged. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from harness.instant import from_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.exchange import Exchange

_ENTRY = ("uuid", "display_name", "handle", "message", "created_at")
#: What each route answers with, if all is well: a list of entries or one, and the fields of each.
ROUTES: dict[str, tuple[re.Pattern[str], bool, tuple[str, ...]]] = {
    "GET /api/message_groups": (re.compile(r"GET .*/api/message_groups"), True, _ENTRY),
    "GET /api/messages/<uuid>": (re.compile(r"GET .*/api/messages/[^/]+"), True, _ENTRY),
    "POST /api/messages": (re.compile(r"POST .*/api/messages"), False, ("message_group_uuid", *_ENTRY)),
    "GET /api/users/@<handle>/short": (
        re.compile(r"GET .*/api/users/@[^/]+/short"),
        False,
        ("uuid", "handle", "display_name"),
    ),
}
#: Where a refusal says why, in words of its own.
_WORDS = ("message", "error", "msg", "detail", "description")


def route_of(exchange: Exchange) -> str:
    """Return the route that was asked, or method and path where the API has no such."""
    asked = f"{exchange.method} {exchange.path}"
    return next((name for name, (pattern, _, _) in ROUTES.items() if pattern.fullmatch(asked)), asked)


def body_of(exchange: Exchange) -> Any:
    """Return the JSON of an answer; None where it is none."""
    try:
        return json.loads(exchange.response_body)
    except (ValueError, RecursionError):
        return None


def codes_of(exchange: Exchange) -> tuple[str, ...]:
    """Return the reasons that a refusal names: the reference's bare list, or `errors` of an object."""
    body = body_of(exchange)
    listed = body.get("errors") if isinstance(body, dict) else body
    return tuple(code for code in listed if isinstance(code, str)) if isinstance(listed, list) else ()


def says_why(exchange: Exchange) -> bool:
    """Tell whether a refusal has a reason in it, for programs or for people."""
    body = body_of(exchange)
    words = [body.get(name) for name in _WORDS] if isinstance(body, dict) else []
    return bool(codes_of(exchange)) or any(isinstance(word, str) and word.strip() for word in words)


def shape_faults(exchange: Exchange) -> Iterator[str]:
    """Yield what in the body of a success is not as its route has it."""
    if (route := route_of(exchange)) not in ROUTES:
        return
    _, is_list, fields = ROUTES[route]
    body = body_of(exchange)
    if not isinstance(body, list if is_list else dict):
        yield f"a {'list' if is_list else 'JSON object'} must come, not {exchange.response_body[:200]!r}"
        return
    if not is_list and set(body) == {"message_group_uuid"} <= set(fields):
        return  # as the reference answers a message that opens a group
    for number, entry in enumerate(body if is_list else [body], start=1):
        where = f"entry {number}: " if is_list else ""
        if not isinstance(entry, dict):
            yield f"{where}must be a JSON object, not {entry!r:.100}"
        else:
            yield from (where + fault for name in fields for fault in _field_faults(name, entry))


def _field_faults(name: str, entry: dict[str, Any]) -> Iterator[str]:
    value = entry.get(name)
    if name not in entry:
        yield f"lacks {name}; it has {', '.join(entry) or 'nothing'}"
    elif not isinstance(value, str):
        yield f"{name} must be text, not {value!r:.100}"
    elif name == "created_at" and not _is_instant(value):
        yield f"created_at must be an ISO 8601 instant, not {value!r:.100}"


def _is_instant(text: str) -> bool:
    try:
        from_text(text)
    except ValueError:
        return False
    return True
