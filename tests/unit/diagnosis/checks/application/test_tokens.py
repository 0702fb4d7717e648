"""Tokens that requests carry: one cause, one finding."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harness.diagnosis.facts import Facts
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import diagnose
from harness.project.source import Project, Source
from tests.unit.diagnosis.checks.exchanged import NOW, bearer, codes, exchange, token


def project(text: str) -> Project:
    source = Source(path=".env", text=text, language="dotenv", roles=frozenset({"environment"}))
    return Project(root=Path(), sources={".env": source})


def test_a_good_token_is_fine() -> None:
    assert codes(exchange(sent=bearer(token()))) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Bearer null", "APP103"),
        ("Bearer undefined", "APP103"),
        ("Bearer ", "APP103"),
        ("Bearer abc", "APP103"),
        (f"Bearer Bearer {token()}", "APP102"),
        (f"Bearer {token()}, Bearer {token()}", "APP102"),
        (f"Basic {token()}", "APP102"),
        (f"Bearer {token(lives=timedelta(hours=-2))}", "APP104"),
    ],
)
def test_a_bad_header_has_one_name(value: str, code: str) -> None:
    assert codes(exchange(sent=(("authorization", value),), status=401, answer="{}")) == [code]


def test_a_header_that_is_sent_twice_is_doubled() -> None:
    assert codes(exchange(sent=bearer(token()) * 2, status=401, answer="{}")) == ["APP102"]


def test_the_page_that_forgets_the_header_is_named() -> None:
    good, bare = exchange(sent=bearer(token())), exchange(path="/api/messages/1", status=401, answer="{}")
    (finding,) = diagnose(Facts(now=NOW, exchanges=(good, bare)), all_checks())
    assert finding.code == "APP101"
    assert "GET /api/messages/1" in finding.cause


def test_a_visitor_who_is_not_signed_in_is_no_fault() -> None:
    assert codes(exchange(status=401, answer="{}")) == []


def test_expiry_is_told_with_its_age() -> None:
    old = exchange(sent=bearer(token(lives=-timedelta(days=1, hours=3))), status=401, answer="{}")
    (finding,) = diagnose(Facts(now=NOW, exchanges=(old,)), all_checks())
    assert "2026-11-27T09:00:00Z, 1 d 3 h ago" in finding.cause


def test_fifty_requests_with_one_token_are_one_finding() -> None:
    old = token(lives=timedelta(minutes=-1))
    assert codes(*[exchange(path=f"/api/messages/{n}", sent=bearer(old), status=401) for n in range(50)]) == ["APP104"]


@pytest.mark.parametrize(
    "wrong",
    [
        token(token_use="id"),
        token(header={"alg": "none"}),
        token(iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"),
        token(iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ours", client_id="theirs"),
    ],
)
def test_a_token_of_somebody_else_is_told(wrong: str) -> None:
    ours = project('AWS_COGNITO_USER_POOL_ID="us-east-1_Ours"\nAWS_COGNITO_USER_POOL_CLIENT_ID=ours\n')
    assert codes(exchange(sent=bearer(wrong), status=401, answer="{}"), project=ours) == ["APP105"]


def test_a_token_of_ours_is_not() -> None:
    ours = project("AWS_COGNITO_USER_POOL_ID: us-east-1_Ours\nAWS_COGNITO_USER_POOL_CLIENT_ID: ours\n")
    good = token(iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ours", client_id="ours")
    assert codes(exchange(sent=bearer(good), status=401, answer="{}"), project=ours) == []
