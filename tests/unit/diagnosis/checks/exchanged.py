"""Exchanges and facts for the checks of the application."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.diagnosis.facts import Facts
from harness.diagnosis.registry import all_checks
from harness.diagnosis.runner import diagnose
from harness.exchange import Exchange

if TYPE_CHECKING:
    from harness.project.source import Project

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def token(*, lives: timedelta = timedelta(hours=1), header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token that nobody signed, good for `lives` from now on."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    body = {"exp": int((NOW + lives).timestamp()), "token_use": "access", **claims}
    return f"{part(header or {'alg': 'RS256'})}.{part(body)}.c2lnbmF0dXJl"


def exchange(  # noqa: PLR0913 - an exchange has so many parts
    method: str = "GET",
    path: str = "/api/message_groups",
    *,
    sent: tuple[tuple[str, str], ...] = (),
    body: str = "",
    status: int = 200,
    got: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),),
    answer: str = "[]",
) -> Exchange:
    return Exchange(
        method=method,
        url=f"http://127.0.0.1:4567{path}",
        request_headers=sent,
        request_body=body,
        status=status,
        response_headers=got,
        response_body=answer,
    )


def bearer(text: str) -> tuple[tuple[str, str], ...]:
    return (("Authorization", f"Bearer {text}"),)


def codes(*exchanges: Exchange, project: Project | None = None) -> list[str]:
    found = diagnose(Facts(now=NOW, exchanges=exchanges, project=project), all_checks())
    return [finding.code for finding in found if finding.code.startswith("APP")]
