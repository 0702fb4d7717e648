"""The four calls of a target, spoken to an API with the reference application's routes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from harness.errors import HarnessError
from harness.http_target.answers import body_of, codes_of, shape_faults
from harness.http_target.contract import judge
from harness.instant import from_text
from harness.target import REASONS, Broke, Kept, MessageGroupView, MessageView, Page, Refused

if TYPE_CHECKING:
    from harness.dataset import User
    from harness.exchange import Exchange
    from harness.http_target.client import Client
    from harness.http_target.credentials import Credentials

_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')
_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTarget:
    """Speaks for every seeded user, each request with that user's token and with one Authorization header.

    Pages follow `Link: <…>; rel="next"` (RFC 8288); an API without it gives one page of what it gives.
    """

    client: Client
    users: dict[str, User]
    credentials: Credentials

    @property
    def paged(self) -> bool:
        """Whether the API has shown a way from page to page yet."""
        return any(_next_page(exchange) for exchange in self.client.seen())

    def list_messages(
        self, *, user_uuid: str, message_group_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageView]:
        """Pattern A: GET /api/messages/<message_group_uuid>."""
        path = cursor or f"/api/messages/{quote(message_group_uuid, safe='')}?{urlencode({'limit': limit})}"
        found, following = self._list(user_uuid, path)
        views = [_message(entry, message_group_uuid) for entry in found]
        # The reference application gives its newest messages oldest first.
        views.sort(key=lambda view: view.created_at, reverse=True)
        return Page(entries=tuple(views), cursor=following)

    def list_message_groups(
        self, *, user_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageGroupView]:
        """Pattern B: GET /api/message_groups."""
        rows, following = self._list(user_uuid, cursor or f"/api/message_groups?{urlencode({'limit': limit})}")
        return Page(entries=tuple(_group(row) for row in rows), cursor=following)

    def create_message(self, *, user_uuid: str, message_group_uuid: str, message: str) -> MessageView:
        """Pattern C: POST /api/messages with a message group."""
        return self._post(user_uuid, {"message": message, "message_group_uuid": message_group_uuid})

    def create_message_group(self, *, user_uuid: str, other_user_uuid: str, message: str) -> MessageView:
        """Pattern D: POST /api/messages with a handle."""
        handle = self.users[other_user_uuid].handle if other_user_uuid in self.users else other_user_uuid
        return self._post(user_uuid, {"message": message, "handle": handle})

    def kept(self) -> list[Kept]:
        """Return the contract's clauses that what was answered since the last time kept and broke; none where nothing was."""
        exchanges = self.client.take()
        return [
            Kept(name=each.clause.name, must=each.clause.must, breaches=each.breaches)
            for each in (judge(exchanges, frozenset(self.users)) if exchanges else ())
        ]

    def authorization(self, user_uuid: str) -> tuple[tuple[str, str], ...]:
        """Return the header that says who asks; nobody the harness knows has none."""
        user = self.users.get(user_uuid)
        return (("Authorization", f"Bearer {self.credentials.token_for(user)}"),) if user else ()

    def post(self, user_uuid: str, body: bytes) -> Exchange:
        """Send any body to where messages are created."""
        headers = (("Content-Type", "application/json"), *self.authorization(user_uuid))
        return self.client.ask("POST", "/api/messages", headers, body)

    def _list(self, user_uuid: str, path: str) -> tuple[list[Any], str | None]:
        exchange = self.client.ask("GET", path, self.authorization(user_uuid))
        self._require_success(user_uuid, exchange)
        return body_of(exchange), _next_page(exchange)

    def _post(self, user_uuid: str, body: dict[str, str]) -> MessageView:
        exchange = self.post(user_uuid, json.dumps(body).encode())
        made = body_of(exchange)
        if isinstance(made, dict) and set(made) == {"message_group_uuid"} and exchange.status < HTTPStatus.BAD_REQUEST:
            # As the reference answers a message that opens a group.
            return self._written(user_uuid, str(made["message_group_uuid"]), body["message"])
        self._require_success(user_uuid, exchange)
        view = _message(made, str(made["message_group_uuid"]))
        if view.uuid in self.users or view.uuid == view.message_group_uuid:
            # The contract tells of it; the scenario goes on with the message's own.
            return self._written(user_uuid, view.message_group_uuid, body["message"])
        return view

    def _written(self, user_uuid: str, message_group_uuid: str, message: str) -> MessageView:
        """Look up what was just written: the user's newest message of that text. The other one may write meanwhile."""
        newest = self.list_messages(user_uuid=user_uuid, message_group_uuid=message_group_uuid).entries
        handle = self.users[user_uuid].handle
        for view in newest:
            if (view.handle, view.message) == (handle, message):
                return view
        raise HarnessError(
            f"a message of @{handle} to {message_group_uuid} was acknowledged, and is not in the conversation",
            hint="harness conversations shows what the table holds",
        )

    def _require_success(self, user_uuid: str, exchange: Exchange) -> None:
        """Raise what another answer means: Refused, Broke, or a shape that can't be read."""
        told = f"{exchange.method} {exchange.url} answered {exchange.status}: {exchange.response_body[:_SHOWN]!r}"
        if exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Broke(told, hint="look into the application's log")
        if exchange.status == HTTPStatus.UNAUTHORIZED and user_uuid in self.users:
            handle = self.users[user_uuid].handle
            raise HarnessError(f"the token of @{handle} is refused: {told}", hint=f"harness token {handle}")
        if exchange.status >= HTTPStatus.BAD_REQUEST or (isinstance(body_of(exchange), dict) and codes_of(exchange)):
            raise Refused(_reason(exchange), told)
        if exchange.status >= HTTPStatus.MULTIPLE_CHOICES or (faults := list(shape_faults(exchange))):
            what = "a redirect" if exchange.status >= HTTPStatus.MULTIPLE_CHOICES else faults[0]
            raise HarnessError(f"{told}: {what}", hint="docs/http.md says what an HTTP API must answer")


def _reason(exchange: Exchange) -> str:
    """Return the first reason that both sides know, else the status, which scenarios take for any reason."""
    known = (code.removesuffix("_1024") for code in codes_of(exchange))
    return next((code for code in known if code in REASONS), f"http_{exchange.status}")


def _next_page(exchange: Exchange) -> str | None:
    """Return path and query of the next page, to be asked of the same application."""
    found = next((match for link in exchange.got("Link") if (match := _NEXT.search(link))), None)
    if found is None:
        return None
    parts = urlsplit(found[1])
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _message(entry: dict[str, Any], message_group_uuid: str) -> MessageView:
    return MessageView(
        uuid=entry["uuid"],
        message_group_uuid=message_group_uuid,
        display_name=entry["display_name"],
        handle=entry["handle"],
        message=entry["message"],
        created_at=from_text(entry["created_at"]),
    )


def _group(row: dict[str, Any]) -> MessageGroupView:
    return MessageGroupView(
        uuid=row["uuid"],
        display_name=row["display_name"],
        handle=row["handle"],
        message=row["message"],
        created_at=from_text(row["created_at"]),
    )
