"""A target behind an HTTP API with the reference application's routes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from harness.errors import EnvironmentFailure, HarnessError
from harness.instant import from_text
from harness.target import MessageGroupView, MessageView, Page, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.dataset import User

T = TypeVar("T")

#: What the API is shown for each user: the reference application verifies a token whose `sub` is the cognito id.
DEFAULT_TOKEN = "{cognito_user_id}"  # noqa: S105 - a template, not a password
_TIMEOUT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTarget:
    """Speaks for every seeded user with a bearer token. The API has no cursor: it gives one page of what it gives."""

    base_url: str
    users: dict[str, User]
    #: A user's bearer token; may name any field of the user in braces.
    token: str = DEFAULT_TOKEN
    #: Proxies of the environment are for the world outside; the application is next door.
    open: Callable[..., Any] = field(default_factory=lambda: build_opener(ProxyHandler({})).open)

    def list_messages(
        self,
        *,
        user_uuid: str,
        message_group_uuid: str,
        limit: int = 20,  # noqa: ARG002 - the API decides
        cursor: str | None = None,  # noqa: ARG002 - the API never gives one
    ) -> Page[MessageView]:
        """Pattern A: GET /api/messages/<message_group_uuid>."""
        path = f"/api/messages/{quote(message_group_uuid, safe='')}"
        views = self._read(user_uuid, "GET", path, lambda found: [_message(each, message_group_uuid) for each in found])
        # The reference application gives its newest messages oldest first.
        return Page(entries=tuple(sorted(views, key=lambda view: view.created_at, reverse=True)), cursor=None)

    def list_message_groups(
        self,
        *,
        user_uuid: str,
        limit: int = 20,  # noqa: ARG002
        cursor: str | None = None,  # noqa: ARG002
    ) -> Page[MessageGroupView]:
        """Pattern B: GET /api/message_groups."""
        rows = self._read(user_uuid, "GET", "/api/message_groups", lambda found: [_group(row) for row in found])
        return Page(entries=tuple(rows), cursor=None)

    def create_message(self, *, user_uuid: str, message_group_uuid: str, message: str) -> MessageView:
        """Pattern C: POST /api/messages with a message group."""
        body = {"message": message, "message_group_uuid": message_group_uuid}
        return self._read(user_uuid, "POST", "/api/messages", lambda answer: _message(answer, message_group_uuid), body)

    def create_message_group(self, *, user_uuid: str, other_user_uuid: str, message: str) -> MessageView:
        """Pattern D: POST /api/messages with a handle; where the answer names the group only, its newest message."""
        handle = self.users[other_user_uuid].handle if other_user_uuid in self.users else other_user_uuid
        body = {"message": message, "handle": handle}
        made = self._read(user_uuid, "POST", "/api/messages", _opened, body)
        if isinstance(made, MessageView):
            return made
        return self.list_messages(user_uuid=user_uuid, message_group_uuid=made).entries[0]

    def _read(
        self, user_uuid: str, method: str, path: str, read: Callable[[Any], T], body: dict[str, str] | None = None
    ) -> T:
        """Return what `read` makes of the answer; an answer of another shape is an error that shows it."""
        text = self._call(user_uuid, method, path, body)
        try:
            return read(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HarnessError(
                f"{method} {self.base_url}{path} answered {text[:500]!r}: {type(error).__name__}: {error}",
                hint="docs/access-patterns.md says what an HTTP API must answer",
            ) from error

    def _call(self, user_uuid: str, method: str, path: str, body: dict[str, str] | None) -> bytes:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if user_uuid in self.users:
            user = self.users[user_uuid]
            known = {name: getattr(user, name) for name in ("uuid", "handle", "email", "cognito_user_id")}
            headers["Authorization"] = f"Bearer {self.token.format(**known)}"
        url = self.base_url.rstrip("/") + path
        data = None if body is None else json.dumps(body).encode()
        request = Request(url, method=method, headers=headers, data=data)  # noqa: S310 - http(s) is checked on loading
        try:
            with self.open(request, timeout=_TIMEOUT) as response:
                return bytes(response.read())
        except HTTPError as error:
            raise _declined(error, f"{method} {url}") from error
        except (URLError, TimeoutError, ConnectionError) as error:
            raise EnvironmentFailure(
                f"target {self.base_url} does not answer: {error}", hint="start the application, or correct `target`"
            ) from error


def _declined(error: HTTPError, request: str) -> Exception:
    """Return what an HTTP error means: the application refused, or it broke."""
    text = error.read().decode(errors="replace")
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return HarnessError(f"{request} answered {error.code}: {text[:500]}", hint="look into the application's log")
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    reasons = body.get("errors") if isinstance(body, dict) else body
    if isinstance(reasons, list) and reasons and isinstance(reasons[0], str):
        return Refused(reasons[0])
    return Refused(f"http_{error.code}", f"{request} answered {error.code}: {text[:500]}")


def _opened(answer: dict[str, Any]) -> MessageView | str:
    group = str(answer["message_group_uuid"])
    return _message(answer, group) if "created_at" in answer else group


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
