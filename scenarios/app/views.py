"""What is answered: the JSON shapes of the reference application, and pages as RFC 8288 has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, jsonify

from harness.instant import to_text

if TYPE_CHECKING:
    from harness.target import MessageGroupView, MessageView
    from scenarios.messaging import Person


def shown(view: MessageView | MessageGroupView) -> dict[str, str]:
    """Return an entry of a list."""
    return {
        "uuid": view.uuid,
        "display_name": view.display_name,
        "handle": view.handle,
        "message": view.message,
        "created_at": to_text(view.created_at),
    }


def acknowledged(view: MessageView) -> dict[str, str]:
    """Return a message that was written; `uuid` is the message's own."""
    return {"message_group_uuid": view.message_group_uuid} | shown(view)


def short(person: Person) -> dict[str, str]:
    """Return what anybody may know of a user."""
    return {"uuid": person.uuid, "handle": person.handle, "display_name": person.display_name}


def page(entries: list[dict[str, str]], path: str, limit: int, cursor: str | None) -> Response:
    """Return a JSON array; where there is more, `Link` says where."""
    response = jsonify(entries)
    if cursor is not None:
        query = urlencode({"limit": limit, "cursor": cursor})
        response.headers["Link"] = f'<{path}?{query}>; rel="next"'
    return response


def refusal(codes: list[str], message: str, status: int) -> Response:
    """Return the one shape of every answer that is not what was asked for."""
    body: dict[str, Any] = {"errors": codes, "message": message}
    response = jsonify(body)
    response.status_code = status
    return response
