"""The token that requests carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.tokens import Token, read_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from harness.diagnosis.facts import Facts
    from harness.exchange import Exchange

_UNAUTHORIZED = 401
_FAILED = 400
#: What a browser sends when its storage holds nothing.
_EMPTY = frozenset({"null", "undefined", "none", ""})
_BEARER_PARTS = 2


@check("APP101", example="GET /api/message_groups   (no Authorization)   → 401 {}")
def authorization_is_sent(facts: Facts) -> Iterator[Problem]:
    """Requests for somebody's messages carry an Authorization header.

    Send it from every page: `headers: {Authorization: "Bearer " + localStorage.getItem("access_token")}`.
    """
    # A recording in which only our own question lacks a token proves nothing about a front end.
    refused = [each for each in facts.exchanges if each.status == _UNAUTHORIZED and not each.sent("Authorization")]
    with_token = {each.path for each in facts.exchanges if each.sent("Authorization")}
    bare = [each for each in refused if each.path not in with_token]
    if bare and with_token:
        yield Problem(
            cause=f"{_named(bare[0])} was sent without Authorization and refused, while other requests carry one.",
            evidence=tuple(Evidence(text=f"{_named(each)} → {each.status}") for each in bare),
        )


@check("APP102", example="Authorization: Bearer Bearer eyJ…")
def authorization_is_one_bearer(facts: Facts) -> Iterator[Problem]:
    """Authorization is sent once, and is `Bearer` and one token.

    Send exactly `Authorization: Bearer <token>`; look for a second place that adds the header or the word.
    """
    for each in _distinct(facts):
        values = each.sent("Authorization")
        if len(values) > 1 or "," in values[0]:
            yield _problem(each, f"{_named(each)} carries Authorization {max(len(values), 2)} times.")
        elif len(words := values[0].split()) > _BEARER_PARTS:
            yield _problem(each, f"Authorization of {_named(each)} has {len(words)} words, not two.")
        elif words and words[0].lower() != "bearer":
            yield _problem(each, f"Authorization of {_named(each)} begins with {words[0][:12]!r}, not with Bearer.")


@check("APP103", requires={"APP102"}, example="Authorization: Bearer null")
def token_is_a_token(facts: Facts) -> Iterator[Problem]:
    """The token is a JSON Web Token, not the text `null`.

    Read the token when the request is made and sign in where there is none; `localStorage.getItem` gives null then.
    """
    for each in _distinct(facts):
        text = _token_text(each)
        if text.lower() in _EMPTY:
            yield _problem(each, f"{_named(each)} sends the text {text!r} for a token: nobody is signed in there.")
        elif read_token(text) is None:
            yield _problem(each, f"{_named(each)} sends a token that is no JSON Web Token ({len(text)} characters).")


@check("APP104", requires={"APP102"}, example="exp 2026-11-28T09:00:00Z, asked 2 h 5 min later → 401")
def token_is_fresh(facts: Facts) -> Iterator[Problem]:
    """The token has not expired.

    Sign in again, or let the front end renew it (`Auth.currentSession()` of Amplify does) before each request.
    """
    for each in _distinct(facts):
        token = read_token(_token_text(each))
        if token is not None and token.expires is not None and token.expires <= facts.now:
            ago = _span(facts.now - token.expires)
            yield _problem(
                each, f"The token of {_named(each)} expired at {token.expires:%Y-%m-%dT%H:%M:%SZ}, {ago} ago."
            )


@check("APP105", requires={"APP102"}, example='"token_use": "id", "aud": "another client"')
def token_is_the_right_one(facts: Facts) -> Iterator[Problem]:
    """The token is an access token of this user pool and client.

    Send the access token, not the id token; take pool and client id from the same place in front end and back end.
    """
    for each in _distinct(facts):
        token = read_token(_token_text(each))
        if token is not None and each.status >= _FAILED and (wrong := _wrong(token, facts)):
            yield _problem(each, f"The token of {_named(each)} {wrong}.")


def _wrong(token: Token, facts: Facts) -> str:
    if str(token.header.get("alg", "")).lower() == "none":
        return "is not signed (alg none)"
    if token.claims.get("token_use") == "id":
        return "is an id token, and the application wants an access token"
    known = _known(facts)
    issuer, client = str(token.claims.get("iss", "")), token.claims.get("client_id", token.claims.get("aud"))
    pools, clients = known["pool"], known["client"]
    if pools and issuer and not any(issuer.endswith(f"/{pool}") for pool in pools):
        return f"is of the issuer {issuer}, and the project names the pool {', '.join(sorted(pools))}"
    if clients and isinstance(client, str) and client and client not in clients:
        return f"is for the client {client}, and the project names {', '.join(sorted(clients))}"
    return ""


def _known(facts: Facts) -> dict[str, set[str]]:
    """Return the user pools and clients that the project's settings name."""
    known: dict[str, set[str]] = {"pool": set(), "client": set()}
    sources = facts.project.with_role("environment", "compose") if facts.project else ()
    for line in (line for source in sources for line in source.lines):
        name, _, value = line.replace("=", ":", 1).strip().lstrip("- ").partition(":")
        value = value.strip().strip("\"'")
        if not value or "$" in value:
            continue
        if name.endswith(("USER_POOL_ID", "USER_POOLS_ID")):
            known["pool"].add(value)
        elif name.endswith(("CLIENT_ID", "CLIENT_APP_ID")):
            known["client"].add(value)
    return known


def _distinct(facts: Facts) -> Iterator[Exchange]:
    """Yield exchanges with a header, one for each value of it: fifty requests of one page have one cause."""
    seen = set()
    for each in facts.exchanges:
        value = each.sent("Authorization")
        if value and value not in seen:
            seen.add(value)
            yield each


def _token_text(exchange: Exchange) -> str:
    return exchange.sent("Authorization")[0].partition(" ")[2].strip()


def _problem(exchange: Exchange, cause: str) -> Problem:
    return Problem(cause=cause, evidence=(Evidence(text=f"{_named(exchange)} → {exchange.status}"),))


def _named(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path}"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    if days:
        return f"{days} d {rest // 60} h"
    return f"{rest // 60} h {rest % 60} min" if rest >= 60 else f"{max(rest, 1)} min"  # noqa: PLR2004 - minutes
