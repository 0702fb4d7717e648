"""What must be true of every answer, whichever scenario it was asked for. Pure: exchanges in, clauses kept or broken out.

A 5xx is no answer: whoever asked tells of it, and the clauses leave it alone. One cause, one finding.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from harness.http_target.answers import body_of, codes_of, route_of, says_why, shape_faults
from harness.instant import from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.exchange import Exchange

    #: Yields (exchange, what was there) for every breach.
    Find = Callable[[Sequence[Exchange]], Iterator[tuple[Exchange, str]]]

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that every answer keeps to."""

    name: str
    #: What must be, for who reads that it isn't.
    must: str
    find: Find


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Whether a clause was kept; `breaches` say which request was answered how."""

    clause: Clause
    breaches: tuple[str, ...]


def judge(exchanges: Sequence[Exchange], users: frozenset[str]) -> tuple[Kept, ...]:
    """Hold exchanges against every clause; `users` are the uuids of people, which no message has."""
    answered = [each for each in exchanges if each.status < HTTPStatus.INTERNAL_SERVER_ERROR]
    own_uuid = Clause(
        name="a message has a uuid of its own",
        must="`uuid` of a created message is the message's, not its sender's or its group's",
        find=lambda found: borrowed_uuids(found, users),
    )
    return tuple(Kept(clause=clause, breaches=_told(clause.find(answered))) for clause in (*CLAUSES, own_uuid))


def borrowed_uuids(exchanges: Sequence[Exchange], users: frozenset[str]) -> Iterator[tuple[Exchange, str]]:
    """Find messages that were acknowledged under somebody else's uuid."""
    for each in _successes(exchanges):
        body = body_of(each) if route_of(each) == "POST /api/messages" else None
        if isinstance(body, dict) and (uuid := body.get("uuid")) is not None:
            if uuid in users:
                yield each, f"uuid {uuid} is a user's"
            elif uuid == body.get("message_group_uuid"):
                yield each, f"uuid {uuid} is the message group's"


def _statuses(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, str]]:
    for each in exchanges:
        codes = codes_of(each)
        if HTTPStatus.MULTIPLE_CHOICES <= each.status < HTTPStatus.BAD_REQUEST:
            yield each, f"{each.status} to {', '.join(each.got('Location')) or 'nowhere'}"
        elif each.status < HTTPStatus.MULTIPLE_CHOICES:
            refused = isinstance(body_of(each), dict) and codes
            yield from [(each, f"{each.status}, with errors {', '.join(codes)}")] if refused else []
        elif each.status != HTTPStatus.UNPROCESSABLE_ENTITY and any(code.startswith("message_") for code in codes):
            yield each, f"{each.status}, with errors {', '.join(codes)}"


def _content_types(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, str]]:
    for each in exchanges:
        types = each.got("Content-Type")
        media = types[0].partition(";")[0].strip().lower() if len(types) == 1 else ""
        if each.response_body and media != "application/json" and not media.endswith("+json"):
            yield each, f"{each.status} with Content-Type: {' and '.join(types) or '(none)'}"


def _cors(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, str]]:
    first = next((each for each in exchanges if each.got("Access-Control-Allow-Origin")), None)
    usual = first.got("Access-Control-Allow-Origin") if first else ()
    for each in exchanges:
        names = Counter(name.lower() for name, _ in each.response_headers if name.lower().startswith("access-control-"))
        for name in (name for name, times in names.items() if times > 1):
            yield each, f"{names[name]} headers {name}: {' and '.join(each.got(name))}"
        allowed = each.got("Access-Control-Allow-Origin")
        if len(set(allowed)) == 1 and allowed[0] not in {"*", *each.sent("Origin")}:
            yield each, f"Access-Control-Allow-Origin: {allowed[0]} for Origin: {' '.join(each.sent('Origin'))}"
        elif set(allowed) != set(usual) and first is not None:
            other = f"{route_of(first)} has {' and '.join(usual)}"
            yield each, f"{each.status} with Access-Control-Allow-Origin: {' and '.join(allowed) or '(none)'}; {other}"
        if "*" in allowed and "true" in each.got("Access-Control-Allow-Credentials"):
            yield each, "Access-Control-Allow-Origin: * with credentials, which browsers refuse"


def _shapes(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, str]]:
    for each in _successes(exchanges):
        if not (isinstance(body_of(each), dict) and codes_of(each)):  # a refusal, which its status hides
            yield from ((each, fault) for fault in shape_faults(each))


def _reasons(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, str]]:
    for each in exchanges:
        if each.status >= HTTPStatus.BAD_REQUEST and each.method != "OPTIONS" and not says_why(each):
            yield each, f"{each.status} with {each.response_body[:200]!r}"


def _orders(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, str]]:
    for each in _successes(exchanges):
        if route_of(each) == "GET /api/messages/<uuid>" and not any(shape_faults(each)):
            stamps = [from_text(entry["created_at"]) for entry in body_of(each)]
            if stamps not in (sorted(stamps), sorted(stamps, reverse=True)):
                yield each, "messages neither from old to new nor from new to old"


def _successes(exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
    return (each for each in exchanges if each.status < HTTPStatus.MULTIPLE_CHOICES and each.method != "OPTIONS")


def _told(found: Iterator[tuple[Exchange, str]]) -> tuple[str, ...]:
    """Say each breach once, and how often it was there."""
    times = Counter(f"{route_of(each)}: {what}" for each, what in found)
    lines = [line if number == 1 else f"{line} ({number} times)" for line, number in times.items()]
    return tuple(lines[:_SHOWN] + ([f"… and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []))


CLAUSES = (
    Clause(
        name="statuses say what happened",
        must="2xx for what was done, 4xx for what was refused (422 where the message is at fault), no redirect",
        find=_statuses,
    ),
    Clause(
        name="JSON is called JSON",
        must="one Content-Type, application/json, on every answer with a body",
        find=_content_types,
    ),
    Clause(
        name="CORS headers stand once, and are the same on every answer",
        must="each Access-Control header once; Access-Control-Allow-Origin the Origin that asked, or *, also on errors",
        find=_cors,
    ),
    Clause(
        name="bodies have their route's shape",
        must="the fields that docs/http.md lists for the route, as text",
        find=_shapes,
    ),
    Clause(
        name="every refusal says why",
        must='JSON with reasons: ["code", …], {"errors": ["code", …]} or {"message": "…"}',
        find=_reasons,
    ),
    Clause(
        name="a conversation is in order",
        must="messages sorted by created_at",
        find=_orders,
    ),
)
