"""A target behind HTTP, against a small server with the reference application's routes."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from harness.config import load_config
from harness.errors import EnvironmentFailure, HarnessError
from harness.setting import http_target
from harness.target import Broke, Refused
from tests.unit.scenarios.small import dataset, user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.http_target.target import HttpTarget

#: Method, path, Authorization, body.
Asked = tuple[str, str, str | None, Any]
ROOT = Path(__file__).parents[3]
ANN, BEA = user(0), user(1)


def entry(number: int, created_at: str) -> dict[str, str]:
    return {
        "uuid": f"m{number}",
        "display_name": "Ann",
        "handle": "ann",
        "message": f"text {number}",
        "created_at": created_at,
    }


class Api(BaseHTTPRequestHandler):
    """Answers what it was told to, and keeps what it was asked."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"[]")
    asked: ClassVar[list[Asked]] = []

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        self.asked.append((self.command, self.path, self.headers["Authorization"], body))
        status, content = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - as http.server calls it

    def log_message(self, *_: object) -> None: ...


@contextmanager
def api(status: int, content: object) -> Iterator[tuple[HttpTarget, list[Asked]]]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    class Answering(Api):
        answer = (status, body)
        asked: ClassVar[list[Asked]] = []

    with serving(Answering) as target:
        yield target, Answering.asked


@contextmanager
def serving(handler: type[Api]) -> Iterator[HttpTarget]:
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        config = replace(load_config(ROOT, {}, {}), target=f"http://127.0.0.1:{server.server_port}/")
        yield http_target(config, dataset())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_messages_are_newest_first_whatever_the_format() -> None:
    found = [entry(1, "2026-01-01T12:00:00"), entry(2, "2026-01-01T14:30:00.5+02:00"), entry(3, "2026-01-01T13:00:00Z")]
    with api(200, found) as (target, asked):
        page = target.list_messages(user_uuid=ANN.uuid, message_group_uuid="g/1")
    assert [(view.uuid, view.message_group_uuid) for view in page.entries] == [
        ("m3", "g/1"),
        ("m2", "g/1"),
        ("m1", "g/1"),
    ]
    assert page.entries[1].created_at == datetime(2026, 1, 1, 12, 30, 0, 500_000, tzinfo=UTC)
    assert page.cursor is None
    assert asked == [("GET", "/api/messages/g%2F1?limit=20", f"Bearer {ANN.cognito_user_id}", None)]


def test_groups_keep_the_order_of_the_api() -> None:
    with api(200, [entry(1, "2026-01-01T12:00:00"), entry(2, "2026-01-01T13:00:00")]) as (target, asked):
        page = target.list_message_groups(user_uuid=BEA.uuid)
    assert [row.uuid for row in page.entries] == ["m1", "m2"]
    assert asked == [("GET", "/api/message_groups?limit=20", f"Bearer {BEA.cognito_user_id}", None)]


def test_message_is_posted_to_its_group() -> None:
    with api(200, entry(1, "2026-01-01T12:00:00") | {"message_group_uuid": "g"}) as (target, asked):
        made = target.create_message(user_uuid=ANN.uuid, message_group_uuid="g", message="hé")
    assert (made.uuid, made.message_group_uuid, made.message) == ("m1", "g", "text 1")
    assert asked[0][1:2] + asked[0][3:] == ("/api/messages", {"message": "hé", "message_group_uuid": "g"})


def test_group_is_opened_by_handle() -> None:
    with api(200, entry(1, "2026-01-01T12:00:00") | {"message_group_uuid": "g"}) as (target, asked):
        made = target.create_message_group(user_uuid=ANN.uuid, other_user_uuid=BEA.uuid, message="hi")
    assert made.message_group_uuid == "g"
    assert asked[0][3] == {"message": "hi", "handle": "bea"}


def test_token_may_be_made_of_any_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_TARGET_TOKEN", "test:{handle}:{uuid}")
    with api(200, []) as (target, asked):
        target.list_message_groups(user_uuid=ANN.uuid)
    assert asked[0][2] == f"Bearer test:ann:{ANN.uuid}"


def test_somebody_unknown_shows_no_token() -> None:
    with api(401, {}) as (target, asked), pytest.raises(Refused) as refused:
        target.list_message_groups(user_uuid="nobody")
    assert refused.value.reason == "http_401"
    assert asked[0][2] is None


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (422, ["message_blank"], "message_blank"),
        (422, {"errors": ["message_exceed_max_chars"]}, "message_exceed_max_chars"),
        (404, {}, "http_404"),
        (403, b"<html>", "http_403"),
        (422, [], "http_422"),
    ],
)
def test_client_errors_are_refusals(status: int, body: object, reason: str) -> None:
    with api(status, body) as (target, _), pytest.raises(Refused) as refused:
        target.create_message(user_uuid=ANN.uuid, message_group_uuid="g", message="")
    assert refused.value.reason == reason


def test_server_error_is_no_refusal() -> None:
    with (
        api(500, b"TypeError: 'NoneType' object is not subscriptable") as (target, _),
        pytest.raises(Broke, match=r"GET .+/api/message_groups\S* answered 500: .TypeError"),
    ):
        target.list_message_groups(user_uuid=ANN.uuid)


@pytest.mark.parametrize("body", [b"<html>", b'{"no": "list"}', b'[{"uuid": "m"}]', b"null"])
def test_answer_of_another_shape_says_what_came(body: bytes) -> None:
    with api(200, body) as (target, _), pytest.raises(HarnessError, match="answered"):
        target.list_message_groups(user_uuid=ANN.uuid)


def test_nobody_there_is_an_environment_failure() -> None:
    with api(200, []) as (target, _):
        pass
    with pytest.raises(EnvironmentFailure, match=r"http://127.0.0.1:\d+/ does not answer"):
        target.list_message_groups(user_uuid=ANN.uuid)


def test_one_authorization_is_sent_and_an_origin() -> None:
    """As they come over the wire: two would be refused by most servers, and none is what front ends forget."""
    with api(200, []) as (target, _):
        target.list_message_groups(user_uuid=ANN.uuid)
        (exchange,) = target.client.seen()
    assert exchange.sent("authorization") == (f"Bearer {ANN.cognito_user_id}",)
    assert exchange.sent("origin") == ("http://localhost:3000",)
    assert target.client.take() == (exchange,)
    assert target.client.seen() == ()


def test_a_good_token_that_is_refused_is_no_refusal_of_the_scenario() -> None:
    with api(401, {"errors": ["token_expired"]}) as (target, _), pytest.raises(HarnessError, match="@ann is refused"):
        target.create_message(user_uuid=ANN.uuid, message_group_uuid="g", message="hi")


def test_a_refusal_with_status_200_is_one() -> None:
    with api(200, {"errors": ["message_blank"]}) as (target, _), pytest.raises(Refused) as refused:
        target.create_message(user_uuid=ANN.uuid, message_group_uuid="g", message="")
    assert refused.value.reason == "message_blank"


def test_an_acknowledged_message_that_is_not_there_is_told() -> None:
    class Forgetful(Api):
        def do_GET(self) -> None:
            content = b"[]" if self.command == "GET" else b'{"message_group_uuid": "g"}'
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - as http.server calls it

    with serving(Forgetful) as target, pytest.raises(HarnessError, match="is not in the conversation"):
        target.create_message_group(user_uuid=ANN.uuid, other_user_uuid=BEA.uuid, message="hi")
