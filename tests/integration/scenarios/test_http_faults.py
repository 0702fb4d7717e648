"""Each fault of the application family, put into the one that does it right: what fails is what it breaks, and no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.scenarios import http_faults as faults
from tests.integration.scenarios.http_faults import messaging, wrapping
from tests.integration.scenarios.over_http import application, setting_over_http
from tests.integration.scenarios.test_http import EVERYTHING, play
from tests.unit.scenarios.small import dataset

if TYPE_CHECKING:
    from harness.endpoint import Endpoints

MESSAGES = {
    ("C", "an empty message is refused"),
    ("C", "a blank message is refused"),
    ("C", "a message over 1,024 characters is refused"),
    ("D", "an empty message opens nothing"),
}
BODIES = {
    ("HTTP", "a body without `message`: refused"),
    ("HTTP", "a body without a receiver: refused"),
    ("HTTP", "a body without anything: refused"),
    ("HTTP", "a JSON list for a body: refused"),
    ("HTTP", "a number for a message: refused"),
    ("HTTP", "a list for a handle: refused"),
    ("HTTP", "a group id that is no uuid: refused"),
}
BOTH = ("HTTP", "a body with two faults is told both")
THEMSELVES = ("D", "nobody talks to themselves")


def everywhere(clause: str, patterns: tuple[str, ...] = ("A", "B", "C", "D", "E", "HTTP")) -> set[tuple[str, str]]:
    return {(pattern, f"all answers: {clause}") for pattern in patterns}


BUT_E = ("A", "B", "C", "D", "HTTP")
STATUS = "statuses say what happened"
CORS = "CORS headers stand once, and are the same on every answer"
CASES: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "500 for 422": (
        {"wrap": wrapping(faults.server_error_for_422)},
        MESSAGES | BODIES | {BOTH, THEMSELVES},
    ),
    "400 for 422": (
        {"wrap": wrapping(faults.bad_request_for_422)},
        everywhere(STATUS, ("C", "D", "HTTP")) | {BOTH},
    ),
    "200 for 422": (
        {"wrap": wrapping(faults.success_for_422)},
        everywhere(STATUS, ("C", "D", "HTTP"))
        | {BOTH}
        | {
            ("HTTP", "a body without `message`: refused"),
            ("HTTP", "a body without anything: refused"),
            ("HTTP", "a number for a message: refused"),
            ("HTTP", "a group id that is no uuid: refused"),
        },
    ),
    "anybody reads": (
        {"change": messaging(faults.Reading)},
        {("A", "somebody who is not in the group reads nothing")},
    ),
    "anybody posts": (
        {"change": messaging(faults.Posting)},
        {("C", "somebody who is not in the group writes nothing")},
    ),
    "doubled CORS header": ({"wrap": wrapping(faults.doubled_cors)}, everywhere(CORS)),
    "no CORS on errors": ({"wrap": wrapping(faults.no_cors_on_errors)}, everywhere(CORS, ("A", "C", "D", "HTTP"))),
    "no preflight": (
        {"wrap": wrapping(faults.no_preflight)},
        {("HTTP", "a preflight allows what the front end sends")},
    ),
    "JSON as text/plain": ({"wrap": wrapping(faults.plain_text)}, everywhere("JSON is called JSON")),
    "the sender's uuid for the message's": (
        {"wrap": wrapping(faults.uuid_of_sender)},
        everywhere("a message has a uuid of its own", ("C", "D", "E", "HTTP")),
    ),
    "only the last fault": ({"wrap": wrapping(faults.last_fault_only)}, {BOTH}),
    "a number for a text": (
        {"wrap": wrapping(faults.writes_before_it_looks)},
        {("HTTP", "a number for a message: refused")},
    ),
    "KeyError": (
        {"wrap": wrapping(faults.key_error)},
        {("HTTP", "a body without `message`: refused"), ("HTTP", "a body without anything: refused")},
    ),
    "500 for an unknown cognito id": (
        {"wrap": wrapping(faults.unknown_cognito_id)},
        {("HTTP", "a good token of nobody in Postgres: refused")},
    ),
    "500 for a header of three words": (
        {"wrap": wrapping(faults.three_words)},
        {("HTTP", "a header of three words: 401"), ("HTTP", "two Authorization headers: 401")},
    ),
    "401 without a reason": ({"wrap": wrapping(faults.empty_401)}, everywhere("every refusal says why", ("HTTP",))),
    "any app client": ({"change": faults.any_client}, {("HTTP", "a token for another client: 401")}),
    "500 for an unknown receiver": (
        {"wrap": wrapping(faults.unknown_receiver)},
        {
            ("D", "nobody talks to somebody unknown"),
            ("HTTP", "a handle of nobody: refused"),
            ("HTTP", "SQL in a handle: refused"),
        },
    ),
    "500 for talking to oneself": ({"wrap": wrapping(faults.talking_to_oneself)}, {THEMSELVES}),
    "500 for an unknown handle": (
        {"wrap": wrapping(faults.unknown_handle)},
        {("HTTP", "a handle of nobody shows nobody: 404"), ("HTTP", "SQL in a handle shows nobody: 404")},
    ),
    "{} for an unknown handle": (
        {"wrap": wrapping(faults.unknown_handle_is_empty)},
        {("HTTP", "a handle of nobody shows nobody: 404"), ("HTTP", "SQL in a handle shows nobody: 404")}
        | everywhere("bodies have their route's shape", ("HTTP",)),
    ),
    "one page only": (
        {"wrap": wrapping(faults.one_page)},
        {
            ("A", "every message once, newest first, over all pages and years"),
            ("B", "every group once, newest first, showing the other person"),
        },
    ),
    "messages in no order": (
        {"wrap": wrapping(faults.shuffled)},
        everywhere("a conversation is in order", ("A", "C", "HTTP")),
    ),
    # No fault, but the reference's own ways.
    "bare lists, other names, naive stamps, newest first, 201, no CORS": (
        {"wrap": wrapping(faults.reference_shapes)},
        {
            ("HTTP", "a handle of nobody shows nobody: 404"),
            ("HTTP", "SQL in a handle shows nobody: 404"),
        },
    ),
    "only the group's uuid for a message that opens one": ({"wrap": wrapping(faults.group_only)}, set()),
}


@pytest.fixture
def engine_pair(embedded_pair: Endpoints) -> Endpoints:
    """One engine is enough for what is on this side of it."""
    return embedded_pair


@pytest.mark.parametrize(("how", "broken"), CASES.values(), ids=CASES)
def test_fault_fails_what_it_breaks(namespace: Endpoints, how: dict[str, Any], broken: set[tuple[str, str]]) -> None:
    with application(namespace, **how) as url, setting_over_http(namespace, dataset(), url) as setting:
        # E asks nothing that A to D don't, and takes most of the time: once is enough for most.
        results = play(setting, EVERYTHING if "E" in {pattern for pattern, _ in broken} else BUT_E)
    failed = {(result.pattern, step.name) for result in results for step in result.steps if not step.passed}
    assert [result.error for result in results if result.error] == []
    assert failed == broken


def test_list_that_leads_nowhere_is_told_as_one(namespace: Endpoints) -> None:
    with (
        application(namespace, wrap=wrapping(faults.one_page)) as url,
        setting_over_http(namespace, dataset(), url) as setting,
    ):
        [a, b] = play(setting, ("A", "B"))
    for result, entries in ((a, 8), (b, 1)):
        [step] = [step for step in result.steps if not step.passed]
        assert step.expected is not None
        assert step.actual is not None
        assert re.fullmatch(r"all \d+", step.expected)
        assert re.search(rf"the first {entries}, and no `Link: <…>; rel=\"next\"` to the other \d+", step.actual)
