"""What A to E don't ask of an HTTP API: bad tokens, bad bodies, preflights, and the route that shows a user."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from harness.http_target.answers import body_of, codes_of
from harness.scenario import Run, scenario

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.dataset import User
    from harness.exchange import Exchange
    from harness.http_target.target import HttpTarget

_NOBODY = "nobody-has-this-handle"
#: Any answer that says whose fault it is will do, where applications may differ.
_FAULTS = frozenset({400, 403, 404, 409, 413, 415, 422})
_MEGABYTE = 1_000_000
_SHOWN = 200
_INJECTIONS = ("'; DROP TABLE public.users; --", "' OR '1'='1", "%s {0} ${x}", ":pk OR attribute_exists(pk) #sk")


@scenario("HTTP", "answer over HTTP as the API promises")
def answers_over_http(run: Run) -> None:
    """Whoever shows no good token is told why; what can't be meant is refused, all of it at once, and breaks nothing."""
    http = run.need(
        run.setting.http, "an HTTP API as target", otherwise="harness run HTTP --target http://127.0.0.1:4567"
    )
    user = run.need(next(iter(run.users), None), "a user", otherwise="the seed has none; use --users")
    takes_any_text(run)  # before what is refused: an API that takes it all the same is told of that, and of no more
    refuses_bad_tokens(run, http, user)
    knows_users(run, http, user)
    refuses_bad_bodies(run, http, user)
    allows_front_ends(run, http)


def refuses_bad_tokens(run: Run, http: HttpTarget, user: User) -> None:
    """401 for every token but a good one of a user."""
    group = next((group.uuid for group in run.groups), str(UUID(int=0)))
    for method, path in (("GET", "/api/message_groups"), ("GET", f"/api/messages/{group}"), ("POST", "/api/messages")):
        body = json.dumps({"message": "hello", "message_group_uuid": group}).encode() if method == "POST" else None
        content = (("Content-Type", "application/json"),) if body else ()
        _expect(
            run,
            f"{method} {path.replace(group, '<uuid>')} without a token",
            http.client.ask(method, path, content, body),
            {401},
        )
    ((_, good),) = http.authorization(user.uuid)
    headers = {
        "the text null for a token": ["Bearer null"],
        "something that is no token": ["Bearer not.a.token"],
        "a header of three words": [f"{good} again"],
        "two Authorization headers": [good, good],
        "another scheme than Bearer": ["Basic YW5uOmFubg=="],
    } | {what: [f"Bearer {token}"] for what, token in http.credentials.bad_tokens(user).items()}
    for what, values in headers.items():
        sent = [("Authorization", value) for value in values]
        _expect(run, what, http.client.ask("GET", "/api/message_groups", sent), {401})
    if http.credentials.strangers_token is not None:
        sent = [("Authorization", f"Bearer {http.credentials.strangers_token(user)}")]
        what = "a good token of nobody in Postgres"
        _expect(run, what, http.client.ask("GET", "/api/message_groups", sent), _FAULTS | {401})


def knows_users(run: Run, http: HttpTarget, user: User) -> None:
    """Show the user of a handle, and nobody for other handles."""
    shown = http.client.ask("GET", f"/api/users/@{quote(user.handle, safe='')}/short")
    body = body_of(shown)
    known = {name: body.get(name) for name in ("uuid", "handle", "display_name")} if isinstance(body, dict) else body
    wanted = {"uuid": user.uuid, "handle": user.handle, "display_name": user.display_name}
    run.expect("a handle shows its user", (shown.status, known), (HTTPStatus.OK, wanted))
    for what, handle in {"a handle of nobody": _NOBODY, "SQL in a handle": _INJECTIONS[1]}.items():
        answer = http.client.ask("GET", f"/api/users/@{quote(handle, safe='')}/short")
        _expect(run, f"{what} shows nobody", answer, {404})


def refuses_bad_bodies(run: Run, http: HttpTarget, user: User) -> None:
    """4xx for what can't be meant, whichever way, and 422 with every fault where there are several."""
    group = next((group.uuid for group in run.groups), str(UUID(int=0)))
    bodies: dict[str, Any] = {
        "a body without `message`": {"message_group_uuid": group},
        "a body without a receiver": {"message": "hello"},
        "a body without anything": {},
        "a JSON list for a body": ["hello"],
        "a number for a message": {"message": 7, "message_group_uuid": group},
        "a list for a handle": {"message": "hello", "handle": ["ann"]},
        "a group id that is no uuid": {"message": "hello", "message_group_uuid": "' OR 1=1 --"},
        "a handle of nobody": {"message": "hello", "handle": _NOBODY},
        "SQL in a handle": {"message": "hello", "handle": _INJECTIONS[0]},
        "a megabyte of text": {"message": "x" * _MEGABYTE, "message_group_uuid": group},
    }
    for what, body in bodies.items():
        _expect(run, what, http.post(user.uuid, json.dumps(body).encode()), _FAULTS)
    _expect(run, "a body that is no JSON", http.post(user.uuid, b'{"message": '), _FAULTS)
    several = http.post(user.uuid, json.dumps({"message": "", "handle": ""}).encode())
    both = several.status == HTTPStatus.UNPROCESSABLE_ENTITY and len(set(codes_of(several))) > 1
    wanted = "422 with two errors"
    actual = wanted if both else f"{several.status} {several.response_body[:_SHOWN]}"
    run.expect("a body with two faults is told both", actual, wanted)


def takes_any_text(run: Run) -> None:
    """Keep what looks like SQL or an expression as text like any other."""
    group = next(iter(run.groups), None)
    if group is None:
        return
    sender = run.acting_first(group.participants)[0]
    for text in _INJECTIONS:
        run.target.create_message(user_uuid=sender.uuid, message_group_uuid=group.uuid, message=text)
    newest = run.target.list_messages(user_uuid=sender.uuid, message_group_uuid=group.uuid, limit=len(_INJECTIONS))
    expected = run.expected.messages_of(group.uuid)[: len(_INJECTIONS)]
    run.expect("texts that look like SQL are kept as they are", newest.entries[: len(_INJECTIONS)], expected)


def allows_front_ends(run: Run, http: HttpTarget) -> None:
    """Allow in a preflight what a front end sends; only where the API allows front ends at all."""
    if not any(each.got("Access-Control-Allow-Origin") for each in http.client.seen()):
        return
    asked = (
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,content-type"),
    )
    answer = http.client.ask("OPTIONS", "/api/messages", asked)
    allowed = {
        name: {
            word.strip().lower() for value in answer.got(f"Access-Control-Allow-{name}") for word in value.split(",")
        }
        for name in ("Methods", "Headers")
    }
    lacking = [
        f"{name}: {word}"
        for name, words in (("Methods", ("post",)), ("Headers", ("authorization", "content-type")))
        for word in words
        if not {word, "*"} & allowed[name]
    ]
    run.expect("a preflight allows what the front end sends", (answer.status // 100, lacking), (2, []))


def _expect(run: Run, what: str, answer: Exchange, statuses: Collection[int]) -> None:
    """Note whether an answer has one of these statuses; what else came is shown."""
    wanted = " or ".join(str(status) for status in sorted(statuses))
    held = answer.status in statuses
    actual = wanted if held else f"{answer.method} {answer.path}: {answer.status} {answer.response_body[:_SHOWN]}"
    run.expect(f"{what}: {wanted if len(statuses) == 1 else 'refused'}", actual, wanted)
