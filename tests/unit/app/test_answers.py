"""What comes back: JSON whatever happens, each fault by name, CORS once, and a line in the log."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from harness.target import Refused
from scenarios.app.application import LONGEST_BODY
from scenarios.app.log import log_as_json
from scenarios.app.unavailable import Unavailable
from scenarios.messaging import NotWritten
from tests.issuer import token
from tests.unit.app.stand_in import ANN, BEA, GROUP, ORIGIN, Application

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root, messages = logging.getLogger(), logging.getLogger("messages")
    before = root.handlers[:], root.level, messages.level
    log_as_json(stream)
    yield stream
    root.handlers[:], level, own = before
    root.setLevel(level)
    messages.setLevel(own)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def errors(answer: Any) -> list[str]:
    assert answer.content_type == "application/json"
    assert set(answer.json) == {"errors", "message"}
    assert answer.json["message"]
    found: list[str] = answer.json["errors"]
    return found


def throttled(code: str = "ProvisionedThroughputExceededException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "slow down"}}, "Query")


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, ["message_blank", "user_receiver_handle_blank"]),
        ({"message": "", "handle": " "}, ["message_blank", "user_receiver_handle_blank"]),
        ({"message": None, "message_group_uuid": ""}, ["message_blank", "message_group_uuid_blank"]),
        ({"message": "x" * 1025, "message_group_uuid": 7}, ["message_exceed_max_chars", "message_group_uuid_invalid"]),
        ({"message": 7, "handle": ["ann"]}, ["message_not_text", "user_receiver_handle_invalid"]),
        ({"message": "\ud800", "handle": "bea"}, ["message_not_text"]),
        ({"message": "hi", "handle": "bea", "message_group_uuid": GROUP}, ["receiver_ambiguous"]),
        ({"message": "hi", "message_group_uuid": "' OR 1=1 --"}, ["message_group_uuid_invalid"]),
        (["hi"], ["body_not_an_object"]),
    ],
)
def test_every_fault_of_a_body_is_told(app: Application, body: object, faults: list[str]) -> None:
    answer = app.post(body)
    assert (answer.status_code, errors(answer)) == (422, faults)
    assert app.messaging.calls == []


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/api/nothing", {}, 404, "not_found"),
        ("GET", "//api/messages", {}, 404, "not_found"),
        ("GET", "/api/message_groups/", {}, 404, "not_found"),
        ("DELETE", "/api/messages", {}, 405, "method_not_allowed"),
        ("POST", "/api/messages", {"data": "message=hi"}, 415, "unsupported_media_type"),
        ("POST", "/api/messages", {"data": "{", "content_type": "application/json"}, 400, "body_not_json"),
        ("POST", "/api/messages", {"data": b"\xff", "content_type": "application/json"}, 400, "body_not_json"),
        ("POST", "/api/messages", {"data": "[" * 50_000, "content_type": "application/json"}, 400, "body_not_json"),
        ("POST", "/api/messages", {"json": {"message": "x" * 10**6}}, 413, "request_entity_too_large"),
        ("GET", "/api/messages/not-a-uuid", {}, 422, "message_group_uuid_invalid"),
        ("GET", f"/api/messages/{GROUP}?limit=0", {}, 422, "limit_invalid"),
        ("GET", "/api/message_groups?limit=1e3", {}, 422, "limit_invalid"),
        ("GET", "/api/message_groups?limit=\N{SUPERSCRIPT TWO}", {}, 422, "limit_invalid"),
        ("GET", "/api/users/@nobody/short", {}, 404, "user_unknown"),
        ("GET", "/api/users/@%00/short", {}, 404, "user_unknown"),
        ("GET", "/api/users/@' OR '1'='1/short", {}, 404, "user_unknown"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_json(  # noqa: PLR0913, PLR0917 - a table
    app: Application, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    answer = app.ask(method, path, **options)
    assert (answer.status_code, errors(answer)) == (status, [code])
    assert answer.headers["X-Request-Id"]


def test_the_longest_message_fits_however_it_is_escaped(app: Application) -> None:
    body = json.dumps({"message": "\N{ROCKET}" * 1024, "handle": "bea"})
    assert len(body) < LONGEST_BODY / 4
    assert app.ask("POST", "/api/messages", data=body, content_type="application/json").status_code == 200


def test_a_405_says_what_is_allowed(app: Application) -> None:
    assert "POST" in app.ask("PUT", "/api/messages").headers["Allow"]


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("not_a_member", 403),
        ("user_unknown", 404),
        ("user_ambiguous", 409),
        ("same_person", 422),
        ("cursor_invalid", 422),
    ],
)
def test_what_messaging_refuses_has_its_status(app: Application, reason: str, status: int) -> None:
    app.messaging.raises = Refused(reason)
    answer = app.post({"message": "hi", "message_group_uuid": GROUP})
    assert (answer.status_code, errors(answer)) == (status, [reason])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (throttled(), "dynamodb_unavailable"),
        (throttled("ResourceNotFoundException"), "dynamodb_unavailable"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "dynamodb_unavailable"),
        (NotWritten("no end of conflicts"), "dynamodb_unavailable"),
        (Unavailable("postgres", "gone"), "postgres_unavailable"),
    ],
)
def test_what_is_not_there_is_503(app: Application, error: Exception, code: str) -> None:
    app.messaging.raises = error
    answer = app.ask("GET", "/api/message_groups")
    assert (answer.status_code, errors(answer)) == (503, [code])
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("error", [RuntimeError("secret"), throttled("ValidationException")])
def test_our_own_mistake_is_500_in_json_and_in_the_log(app: Application, log: io.StringIO, error: Exception) -> None:
    app.messaging.raises = error
    answer = app.ask("GET", "/api/message_groups", headers={"Origin": ORIGIN})
    assert (answer.status_code, errors(answer)) == (500, ["internal_server_error"])
    assert "secret" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    (told,) = [line for line in lines(log) if "traceback" in line]
    assert str(error) in told["traceback"]
    assert told["request_id"] == answer.headers["X-Request-Id"]


def test_a_group_and_a_handle_go_where_they_belong(app: Application) -> None:
    made = app.post({"message": "hi", "message_group_uuid": GROUP.upper(), "handle": None})
    assert made.json == {
        "uuid": GROUP[:-1] + "f",
        "message_group_uuid": GROUP,
        "display_name": ANN.display_name,
        "handle": "ann",
        "message": "hi",
        "created_at": "2026-01-10T12:00:00.000000+00:00",
    }
    app.post({"message": "hello", "handle": "bea", "message_group_uuid": None})
    assert app.messaging.calls == [
        {"user_uuid": ANN.uuid, "message_group_uuid": GROUP, "message": "hi"},
        {"user_uuid": ANN.uuid, "other_user_uuid": BEA.uuid, "message": "hello"},
    ]


def test_a_page_says_where_the_next_one_is(app: Application) -> None:
    first = app.ask("GET", f"/api/messages/{GROUP}?limit=7")
    assert first.headers["Link"] == f'</api/messages/{GROUP}?limit=7&cursor=more%2F%3F%26>; rel="next"'
    second = app.ask("GET", first.headers["Link"][1:].partition(">")[0])
    assert "Link" not in second.headers
    assert [(call["limit"], call["cursor"]) for call in app.messaging.calls] == [(7, None), (7, "more/?&")]


def test_a_user_without_a_token_is_shown_and_health_asks_nobody(app: Application) -> None:
    shown = app.ask("GET", "/api/users/@bea/short", who=None)
    assert shown.json == {"uuid": BEA.uuid, "handle": "bea", "display_name": BEA.display_name}
    app.users.raises = Unavailable("postgres", "gone")
    assert app.ask("GET", "/api/health-check", who=None).json == {"success": True}


def test_nobody_in_postgres_is_told_from_nobody_at_all(app: Application) -> None:
    app.users.rows = []
    answer = app.ask("GET", "/api/message_groups")
    assert (answer.status_code, errors(answer)) == (403, ["cognito_user_id_unknown"])
    app.users.rows = [ANN, ANN]
    answer = app.ask("GET", "/api/message_groups")
    assert (answer.status_code, errors(answer)) == (403, ["cognito_user_id_unknown"])
    assert "more than one" in answer.json["message"]
    assert app.ask("GET", "/api/users/@ann/short").status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "who"),
    [
        ("GET", "/api/message_groups", ANN),
        ("GET", "/api/message_groups", None),
        ("GET", "/nothing", None),
        ("POST", "/api/messages", ANN),
        ("OPTIONS", "/api/messages", None),
    ],
)
def test_cors_headers_stand_once_on_every_answer(app: Application, method: str, path: str, who: Any) -> None:
    asked = {"Access-Control-Request-Method": "POST"} if method == "OPTIONS" else {}
    answer = app.ask(method, path, who=who, headers={"Origin": ORIGIN} | asked)
    names = [name for name, _ in answer.headers if name.startswith("Access-Control-")]
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert len(names) == len(set(names))
    assert ("Access-Control-Allow-Methods" in names) == (method == "OPTIONS")
    assert answer.headers.getlist("Vary") == ["Origin"]
    stranger = app.ask(method, path, who=who, headers={"Origin": "http://evil.example"} | asked)
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_the_log_says_why_a_token_was_refused_and_never_the_token(app: Application, log: io.StringIO) -> None:
    shown = token(ANN.cognito_user_id, exp=1_700_000_000)
    answer = app.ask(
        "GET", "/api/message_groups", headers={"Authorization": f"Bearer {shown}", "X-Request-Id": "mine-1"}
    )
    assert errors(answer) == ["token_expired"]
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    refused, request = lines(log)
    assert (refused["event"], refused["reason"], refused["request_id"]) == ("token refused", "token_expired", "mine-1")
    assert "expired at 2023-11-14T22:13:20+00:00" in refused["why"]
    assert (request["event"], request["status"], request["path"]) == ("request", 401, "/api/message_groups")
    assert shown not in log.getvalue()
    assert shown.split(".")[1] not in log.getvalue()


def test_a_request_id_that_is_none_is_replaced(app: Application, log: io.StringIO) -> None:
    answer = app.ask("GET", "/api/x", headers={"X-Request-Id": "a b\t{}"})
    assert answer.headers["X-Request-Id"] != "a b\t{}"
    assert len(lines(log)) == 1
