"""What the application answers: one cause, one finding."""

from __future__ import annotations

import json

import pytest

from tests.unit.diagnosis.checks.exchanged import bearer, codes, exchange, token

ORIGIN = ("Origin", "http://localhost:3000")
JSON = ("Content-Type", "application/json")


def allowed(*origins: str) -> tuple[tuple[str, str], ...]:
    return (JSON, *(("access-control-allow-origin", origin) for origin in origins))


def test_html_that_calls_itself_json() -> None:
    assert codes(exchange(answer="<!doctype html>")) == ["APP201"]


def test_json_that_calls_itself_html() -> None:
    assert codes(exchange(got=(("Content-Type", "text/html; charset=utf-8"),), answer='[{"a": 1}]')) == ["APP202"]


@pytest.mark.parametrize("answer", ["", "hello", "<p>[1]</p>", "[not json"])
def test_other_texts_may_be_html(answer: str) -> None:
    assert codes(exchange(got=(("Content-Type", "text/html"),), answer=answer)) == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_an_answer_without_a_body_is_no_broken_json(method: str) -> None:
    assert codes(exchange(method, answer="")) == []
    assert codes(exchange(status=204, answer="")) == []


def test_an_origin_that_is_said_once_is_fine() -> None:
    assert codes(exchange(sent=(ORIGIN,), got=allowed("http://localhost:3000"))) == []
    assert codes(exchange(sent=(ORIGIN,), got=allowed("*"))) == []


def test_an_origin_that_is_said_twice() -> None:
    assert codes(exchange(sent=(ORIGIN,), got=allowed("*", "*"))) == ["APP203"]
    assert codes(exchange(sent=(ORIGIN,), got=allowed("http://localhost:3000, *"))) == ["APP203"]


def test_an_origin_that_is_not_the_one_that_asks() -> None:
    assert codes(exchange(sent=(ORIGIN,), got=allowed("http://localhost:3000/"))) == ["APP204"]


def test_every_origin_with_credentials_is_none() -> None:
    both = (*allowed("*"), ("Access-Control-Allow-Credentials", "true"))
    assert codes(exchange(sent=(ORIGIN,), got=both)) == ["APP204"]


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"message": " "}', '{"message": 3}', json.dumps({"message": "x" * 1025}), '{"message": "hi"}'],
)
def test_500_for_a_bad_message_was_meant_otherwise(body: str) -> None:
    bad = exchange("POST", "/api/messages", sent=bearer(token()), body=body, status=500, answer="{}")
    assert codes(bad) == ["APP205"]


def test_500_for_a_good_message_is_another_matter() -> None:
    body = '{"message": "hi", "handle": "idalind"}'
    assert codes(exchange("POST", "/api/messages", sent=bearer(token()), body=body, status=500, answer="{}")) == []


def test_500_for_an_unknown_handle_and_for_nobody() -> None:
    assert codes(exchange(path="/api/users/@nobody/short", status=500, answer="{}")) == ["APP205"]
    assert codes(exchange(status=500, answer="{}")) == ["APP205"]


def test_a_route_that_fails_fifty_times_is_one_finding() -> None:
    assert codes(*[exchange(answer="<p>")] * 50) == ["APP201"]
