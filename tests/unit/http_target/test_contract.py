"""Each clause on exchanges made by hand: what keeps it, what breaks it, and how that is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.exchange import Exchange
from harness.http_target.contract import judge

ORIGIN = "http://localhost:3000"
ENTRY = {
    "uuid": "m1",
    "display_name": "Ann",
    "handle": "ann",
    "message": "hi",
    "created_at": "2026-01-01T12:00:00.000000+00:00",
}
LATER = ENTRY | {"created_at": "2026-01-02T12:00:00"}
MADE = ENTRY | {"message_group_uuid": "g"}
REASON = {"errors": ["message_blank"]}


def exchange(  # noqa: PLR0913 - all of an exchange, with what is usual
    body: Any,
    path: str = "/api/message_groups",
    *,
    method: str = "GET",
    status: int = 200,
    content_type: str | None = "application/json",
    headers: tuple[tuple[str, str], ...] = (("Access-Control-Allow-Origin", ORIGIN),),
) -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    return Exchange(
        method=method,
        url=f"http://127.0.0.1:4567{path}",
        request_headers=(("Origin", ORIGIN),),
        request_body="",
        status=status,
        response_headers=(*headers, *([("Content-Type", content_type)] if content_type else [])),
        response_body=text,
    )


def post(body: Any, status: int = 200, **more: Any) -> Exchange:
    return exchange(body, "/api/messages", method="POST", status=status, **more)


def broken(*exchanges: Exchange) -> dict[str, tuple[str, ...]]:
    kept = judge(exchanges, frozenset({"u1"}))
    assert len(kept) == 7
    return {each.clause.name: each.breaches for each in kept if each.breaches}


def test_good_answers_of_every_kind_keep_everything() -> None:
    assert not broken(
        exchange([]),
        exchange([ENTRY, LATER], "/api/messages/g?limit=2", content_type="application/json; charset=utf-8"),
        exchange([LATER, ENTRY], "/base/api/messages/g"),
        exchange({"uuid": "u1", "handle": "ann", "display_name": "Ann"}, "/api/users/@ann/short"),
        post(MADE, 201),
        post({"message_group_uuid": "g"}),
        post(["message_blank"], 422),
        post(REASON, 422),
        exchange({"message": "The token has expired"}, status=401, content_type="application/problem+json"),
        exchange("", method="OPTIONS", status=200, content_type="text/html"),
        exchange({"anything": 1}, "/api/other"),
    )


def test_a_server_error_is_left_to_who_met_it() -> None:
    assert not broken(exchange("<html>", status=500, content_type="text/html", headers=()), exchange([]))


@pytest.mark.parametrize(
    ("found", "clause", "told"),
    [
        (
            exchange("", status=308, headers=(("Location", "/x"),)),
            "statuses say what happened",
            "GET /api/message_groups: 308 to /x",
        ),
        (
            post(REASON),
            "statuses say what happened",
            "POST /api/messages: 200, with errors message_blank",
        ),
        (
            post(REASON, 400),
            "statuses say what happened",
            "POST /api/messages: 400, with errors message_blank",
        ),
        (
            exchange([], content_type="text/plain"),
            "JSON is called JSON",
            "GET /api/message_groups: 200 with Content-Type: text/plain",
        ),
        (
            exchange([], content_type=None),
            "JSON is called JSON",
            "GET /api/message_groups: 200 with Content-Type: (none)",
        ),
        (
            exchange({}),
            "bodies have their route's shape",
            "GET /api/message_groups: a list must come, not '{}'",
        ),
        (
            exchange("nonsense"),
            "bodies have their route's shape",
            "GET /api/message_groups: a list must come, not 'nonsense'",
        ),
        (
            exchange([ENTRY, {"uuid": "x"}]),
            "bodies have their route's shape",
            "GET /api/message_groups: entry 2: lacks display_name; it has uuid",
        ),
        (
            exchange([ENTRY | {"message": None}]),
            "bodies have their route's shape",
            "GET /api/message_groups: entry 1: message must be text, not None",
        ),
        (
            exchange([ENTRY | {"created_at": "yesterday"}], "/api/messages/g"),
            "bodies have their route's shape",
            "GET /api/messages/<uuid>: entry 1: created_at must be an ISO 8601 instant, not 'yesterday'",
        ),
        (
            exchange([7]),
            "bodies have their route's shape",
            "GET /api/message_groups: entry 1: must be a JSON object, not 7",
        ),
        (
            exchange({}, status=401),
            "every refusal says why",
            "GET /api/message_groups: 401 with '{}'",
        ),
        (
            exchange([ENTRY, LATER, ENTRY], "/api/messages/g"),
            "a conversation is in order",
            "GET /api/messages/<uuid>: messages neither from old to new nor from new to old",
        ),
        (
            post(MADE | {"uuid": "u1"}),
            "a message has a uuid of its own",
            "POST /api/messages: uuid u1 is a user's",
        ),
        (
            post(MADE | {"uuid": "g"}),
            "a message has a uuid of its own",
            "POST /api/messages: uuid g is the message group's",
        ),
    ],
)
def test_a_breach_says_which_request_and_what_was_there(found: Exchange, clause: str, told: str) -> None:
    breaches = broken(found)
    assert list(breaches) == [clause]
    assert breaches[clause][0] == told


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        (
            [("access-control-allow-origin", ORIGIN)] * 2,
            f"2 headers access-control-allow-origin: {ORIGIN} and {ORIGIN}",
        ),
        ([("Access-Control-Allow-Origin", "http://x")], f"Access-Control-Allow-Origin: http://x for Origin: {ORIGIN}"),
        (
            [("Access-Control-Allow-Origin", f"{ORIGIN}, *")],
            f"Access-Control-Allow-Origin: {ORIGIN}, * for Origin: {ORIGIN}",
        ),
        (
            [],
            "200 with Access-Control-Allow-Origin: (none); GET /api/message_groups has " + ORIGIN,
        ),
        (
            [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true")],
            "Access-Control-Allow-Origin: * with credentials, which browsers refuse",
        ),
    ],
)
def test_cors_headers_stand_once_and_are_the_same(headers: list[tuple[str, str]], told: str) -> None:
    breaches = broken(exchange([]), post(MADE, headers=tuple(headers)))
    (clause,) = breaches
    assert clause.startswith("CORS")
    assert f"POST /api/messages: {told}" in breaches[clause]


def test_an_api_without_cors_is_none_of_ours() -> None:
    assert not broken(exchange([], headers=()), post(REASON, 422, headers=()))


def test_the_same_breach_is_told_once_with_how_often() -> None:
    found = [exchange([], content_type="text/html")] * 3 + [
        exchange([], f"/api/other/{number}", content_type="text/html") for number in range(9)
    ]
    (breaches,) = broken(*found).values()
    assert breaches[0] == "GET /api/message_groups: 200 with Content-Type: text/html (3 times)"
    assert breaches[-1] == "… and 5 more"
