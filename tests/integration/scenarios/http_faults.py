"""What applications of the family do wrong over HTTP, as wrappers around one that does it right."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from scenarios.app.tokens import Verifier
from scenarios.messaging import Messaging, Table
from tests.unit.scenarios.small import dataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenarios.app import Services

    Change = Callable[[Request, Response], Response | None]

HANDLES = {user.handle: user.uuid for user in dataset().users}


@dataclass(frozen=True)
class Changed:
    """A WSGI application whose answers are changed on their way out."""

    app: Any
    change: Change

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        environ["wsgi.input"] = BytesIO(request.get_data())  # which the request keeps, so that both may read it
        answer = Response.from_app(self.app, environ)
        return (self.change(request, answer) or answer)(environ, start_response)


def wrapping(change: Change) -> Callable[[Any], Any]:
    return lambda app: Changed(app, change)


def broken(answer: Response) -> Response:
    """Flask's page for an exception that nobody caught, with what flask-cors had added."""
    page = Response("<!doctype html><title>500 Internal Server Error</title>", 500, content_type="text/html")
    page.headers.extend([(k, v) for k, v in answer.headers if k.lower().startswith("access-control-")])
    return page


def said(answer: Response, body: object) -> Response:
    answer.set_data(json.dumps(body))
    return answer


def codes(answer: Response) -> list[str]:
    body = json.loads(answer.get_data() or b"null")
    return list(body.get("errors", ())) if isinstance(body, dict) else []


def body(request: Request) -> Any:
    try:
        return json.loads(request.get_data())
    except ValueError:
        return None


def server_error_for_422(_: Request, answer: Response) -> Response | None:
    return broken(answer) if answer.status_code == 422 else None


def bad_request_for_422(_: Request, answer: Response) -> None:
    if answer.status_code == 422:
        answer.status_code = 400


def success_for_422(_: Request, answer: Response) -> None:
    if any(code.startswith("message_") for code in codes(answer)):
        answer.status_code = 200


def doubled_cors(_: Request, answer: Response) -> None:
    if "Access-Control-Allow-Origin" in answer.headers:
        answer.headers.add("Access-Control-Allow-Origin", answer.headers["Access-Control-Allow-Origin"])


def no_cors_on_errors(_: Request, answer: Response) -> None:
    if answer.status_code >= 400:
        del answer.headers["Access-Control-Allow-Origin"]


def plain_text(_: Request, answer: Response) -> None:
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"


def uuid_of_sender(request: Request, answer: Response) -> Response | None:
    made = json.loads(answer.get_data() or b"{}")
    if request.method == "POST" and answer.status_code == 200:
        return said(answer, made | {"uuid": HANDLES[made["handle"]]})
    return None


def group_only(request: Request, answer: Response) -> Response | None:
    if request.method == "POST" and answer.status_code == 200 and "handle" in body(request):
        return said(answer, {"message_group_uuid": json.loads(answer.get_data())["message_group_uuid"]})
    return None


def last_fault_only(_: Request, answer: Response) -> Response | None:
    return said(answer, codes(answer)[-1:]) if answer.status_code == 422 else None


def key_error(request: Request, answer: Response) -> Response | None:
    sent = body(request) if request.method == "POST" else None
    return broken(answer) if isinstance(sent, dict) and "message" not in sent else None


def unknown_cognito_id(_: Request, answer: Response) -> Response | None:
    return broken(answer) if codes(answer) == ["cognito_user_id_unknown"] else None


def three_words(request: Request, answer: Response) -> Response | None:
    return broken(answer) if len(request.headers.get("Authorization", "").split()) > 2 else None


def empty_401(_: Request, answer: Response) -> Response | None:
    return said(answer, {}) if answer.status_code == 401 else None


def unknown_receiver(request: Request, answer: Response) -> Response | None:
    return broken(answer) if request.method == "POST" and answer.status_code == 404 else None


def talking_to_oneself(_: Request, answer: Response) -> Response | None:
    return broken(answer) if codes(answer) == ["same_person"] else None


def unknown_handle(request: Request, answer: Response) -> Response | None:
    return broken(answer) if request.path.endswith("/short") and answer.status_code == 404 else None


def unknown_handle_is_empty(request: Request, answer: Response) -> Response | None:
    if request.path.endswith("/short") and answer.status_code == 404:
        answer.status_code = 200
        return said(answer, {})
    return None


def one_page(_: Request, answer: Response) -> None:
    answer.headers.pop("Link", None)


def shuffled(request: Request, answer: Response) -> Response | None:
    if "/api/messages/" in request.path and answer.status_code == 200:
        entries = json.loads(answer.get_data())
        return said(answer, entries[1:] + entries[:1])
    return None


def reference_shapes(request: Request, answer: Response) -> Response:
    """The reference's own way: bare lists of codes, its names for them, naive stamps, no CORS for this front end."""
    for name in [name for name, _ in answer.headers if name.startswith("Access-Control-")]:
        del answer.headers[name]
    if not answer.get_data() or answer.status_code == 401:
        return answer
    found = json.loads(answer.get_data())
    if answer.status_code >= 400:
        answer.status_code = 422
        names = {"message_exceed_max_chars": "message_exceed_max_chars_1024"}
        return said(answer, [names.get(code, code) for code in codes(answer)])
    if request.method == "POST":
        answer.status_code = 201
    entries = found if isinstance(found, list) else [found]
    for entry in entries:
        if "created_at" in entry:
            entry["created_at"] = entry["created_at"].removesuffix("+00:00")
    newest_first = isinstance(found, list) and "/api/messages/" in request.path
    return said(answer, entries[::-1] if newest_first else found)


def writes_before_it_looks(request: Request, answer: Response) -> Response | None:
    """Bodies of wrong types are taken, and acknowledged."""
    sent = body(request) if request.method == "POST" else None
    if isinstance(sent, dict) and sent.get("message") == 7:
        entry = {"uuid": "m", "message_group_uuid": "g", "display_name": "A", "handle": "a", "message": "7"}
        answer.status_code = 200
        return said(answer, entry | {"created_at": "2026-01-01T00:00:00"})
    return None


def no_preflight(request: Request, answer: Response) -> None:
    if request.method == "OPTIONS":
        del answer.headers["Access-Control-Allow-Headers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Table):
    """Everybody is a member of everything."""

    def is_member(self, *_: object) -> bool:
        return True


class Reading(Messaging):
    def list_messages(self, **call: Any) -> Any:
        return Messaging.list_messages(
            replace(self, table=Open(client=self.table.client, name=self.table.name)), **call
        )


class Posting(Messaging):
    def create_message(self, **call: Any) -> Any:
        return Messaging.create_message(
            replace(self, table=Open(client=self.table.client, name=self.table.name)), **call
        )


def messaging(kind: type[Messaging]) -> Callable[[Services], Services]:
    def change(services: Services) -> Services:
        right = services.messaging
        return replace(services, messaging=kind(table=right.table, people=right.people, clock=right.clock))

    return change


def any_client(services: Services) -> Services:
    """The app client of a token is not looked at."""

    class Anybody(Verifier):
        def subject(self, authorization: str | None) -> str:
            from scenarios.app.tokens import bearer_token

            return str(self._claims(bearer_token(authorization))["sub"])

    right = services.verifier
    return replace(services, verifier=Anybody(keys=right.keys, issuer=right.issuer, client_id=right.client_id))
