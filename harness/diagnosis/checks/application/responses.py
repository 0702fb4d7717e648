"""What the application answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.diagnosis.facts import Facts
    from harness.exchange import Exchange

_ALLOW_ORIGIN, _CREDENTIALS = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"
_SERVER_ERROR = 500
_NO_CONTENT = frozenset({204, 304})


@check("APP201", example="Content-Type: application/json   body: <!doctype html>…")
def json_is_json(facts: Facts) -> Iterator[Problem]:
    """What calls itself JSON is JSON.

    Return `jsonify(value)` (or a dict) from the route; an HTML error page needs its own type.
    """
    yield from _each(facts, lambda each: _is_json_type(each) and not _parses(each), "says JSON and is none")


@check("APP202", severity="warning", example='Content-Type: text/html   body: [{"uuid": …}]')
def json_says_so(facts: Facts) -> Iterator[Problem]:
    """JSON is sent with the type application/json.

    Return `jsonify(value)`; a text returned from a Flask route is text/html, and `fetch` may refuse it.
    """
    yield from _each(
        facts,
        lambda each: bool(each.got("Content-Type")) and not _is_json_type(each) and _is_document(each),
        "answers JSON and does not say so",
    )


@check("APP203", example="Access-Control-Allow-Origin: http://localhost:3000, http://localhost:3000")
def cors_is_said_once(facts: Facts) -> Iterator[Problem]:
    """Access-Control-Allow-Origin is there once, with one origin.

    Let one place add it: either `CORS(app, …)` or `@cross_origin()`, and no proxy beside them (Fetch standard, 3.2.3).
    """
    yield from _each(
        facts,
        lambda each: len(each.got(_ALLOW_ORIGIN)) > 1 or "," in "".join(each.got(_ALLOW_ORIGIN)),
        f"has more than one origin in {_ALLOW_ORIGIN}",
        show=_ALLOW_ORIGIN,
    )


@check(
    "APP204", requires={"APP203"}, example="Origin: http://localhost:3000   Access-Control-Allow-Origin: https://other"
)
def cors_allows_the_origin(facts: Facts) -> Iterator[Problem]:
    """The origin that asks is allowed, and no `*` stands beside credentials.

    Set FRONTEND_URL to the exact origin (scheme, host and port, no slash at the end).
    """
    yield from _each(
        facts, _contradicts, f"does not allow the origin that asks, by its {_ALLOW_ORIGIN}", show=_ALLOW_ORIGIN
    )


@check("APP205", example="POST /api/messages {…} → 500, meant was 422")
def faults_of_the_caller_are_told(facts: Facts) -> Iterator[Problem]:
    """A fault of the caller is answered with 4xx, not with 500.

    Check what came in before using it, and return 401, 404 or 422 with a body that says what was wrong.
    """
    for each in _first_of_kind(facts, lambda each: each.status == _SERVER_ERROR):
        meant = _meant(each)
        if meant:
            yield _problem(each, f"{_named(each)} was answered with 500; {meant}.")


def _meant(exchange: Exchange) -> str:
    path = exchange.path
    authorization = exchange.sent("Authorization")
    if authorization and len(authorization[0].split()) != 2:  # noqa: PLR2004 - Bearer and token
        return "its Authorization is not `Bearer <token>`, which is a 401"
    if "/api/users/@" in path:
        return "for a handle that nobody has that is a 404"
    if exchange.method == "POST" and (said := _body_fault(exchange)):
        return f"{said}, which is a 422"
    if not authorization and "/api/message" in path:
        return "it has no token, which is a 401"
    return ""


def _body_fault(exchange: Exchange) -> str:
    try:
        body = json.loads(exchange.request_body)
    except (ValueError, RecursionError):
        return "its body is no JSON"
    if not isinstance(body, dict):
        return "its body is no object"
    message = body.get("message")
    if not isinstance(message, str) or not message.strip():
        return "it has no message"
    if len(message) > 1024:  # noqa: PLR2004 - the family's limit
        return "its message is longer than 1,024 characters"
    if not body.get("message_group_uuid") and not body.get("handle"):
        return "it names neither message_group_uuid nor handle"
    return ""


def _contradicts(exchange: Exchange) -> bool:
    allowed, origin = exchange.got(_ALLOW_ORIGIN), exchange.sent("Origin")
    if not allowed or not origin:
        return False
    with_credentials = "true" in (value.strip().lower() for value in exchange.got(_CREDENTIALS))
    return allowed[0].strip() != origin[0].strip() if allowed[0].strip() != "*" else with_credentials


def _is_json_type(exchange: Exchange) -> bool:
    return any("json" in value.lower() for value in exchange.got("Content-Type"))


def _parses(exchange: Exchange) -> bool:
    if exchange.status in _NO_CONTENT or exchange.method in {"HEAD", "OPTIONS"}:
        return True
    try:
        json.loads(exchange.response_body)
    except (ValueError, RecursionError):
        return False
    return True


def _is_document(exchange: Exchange) -> bool:
    return exchange.response_body.lstrip()[:1] in {"{", "["} and _parses(exchange)


def _each(
    facts: Facts, wrong: Callable[[Exchange], bool], words: str, *, show: str = "Content-Type"
) -> Iterator[Problem]:
    for each in _first_of_kind(facts, wrong):
        yield _problem(each, f"{_named(each)} {words}.", show)


def _first_of_kind(facts: Facts, wrong: Callable[[Exchange], bool]) -> Iterable[Exchange]:
    """Return one exchange for each route: the same route fails for the same reason."""
    found: dict[str, Exchange] = {}
    for each in facts.exchanges:
        if wrong(each):
            found.setdefault(_named(each), each)
    return found.values()


def _problem(exchange: Exchange, cause: str, header: str = "Content-Type") -> Problem:
    shown = ", ".join(exchange.got(header))
    return Problem(
        cause=cause,
        evidence=(
            Evidence(text=f"{_named(exchange)} → {exchange.status}   {header}: {shown}"),
            Evidence(text=exchange.response_body[:200] or "(no body)"),
        ),
    )


def _named(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path}"
