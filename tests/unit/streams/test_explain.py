"""Why a trigger does not fire, cause by cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.streams.caution import Caution
from harness.streams.explain import explain
from harness.streams.facts import Facts, Failure, Reading

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/messages/stream/2026-03-02T00:00:00.000"
HEALTHY = Facts(
    table="messages",
    handler="rows",
    stream_arn=ARN,
    view_type="NEW_IMAGE",
    images=frozenset({"NewImage"}),
    code="rows.py:handler",
    reading=Reading(records=5, newest="2026-03-02T12:00:00.000Z", passing=4, ahead=3, waiting=2, dropped='{"x":1}'),
)
OTHER = ARN.replace("messages", "users")


def told(**changes: Any) -> list[str]:
    return [reason.code for reason in explain(replace(HEALTHY, **changes)) if reason.stops]


def test_healthy_says_what_would_happen_next() -> None:
    (reason,) = explain(HEALTHY)
    assert (reason.code, reason.stops) == ("fires", False)
    assert reason.evidence == "2 of 5 records in the stream wait for rows"
    assert reason.advice == "harness stream drain rows"


@pytest.mark.parametrize(
    ("changes", "code", "evidence"),
    [
        ({"table_exists": False, "stream_enabled": False, "reading": None}, "table-missing", "messages"),
        ({"stream_enabled": False, "reading": None}, "stream-off", ARN),
        ({"handler": None, "reading": None}, "no-handler", "[handlers]"),
        (
            {"refused": Failure(kind="", text="no BatchSize", hint="see"), "reading": None},
            "mapping-refused",
            "no Batch",
        ),
        ({"enabled": False}, "mapping-disabled", "Enabled is false"),
        ({"named_arn": OTHER}, "other-table", "a stream of users"),
        ({"named_arn": "arn:aws:kinesis:x"}, "other-table", "a stream of no table"),
        ({"images": frozenset({"OldImage"})}, "view-type", "NEW_IMAGE"),
        ({"view_type": "KEYS_ONLY"}, "view-type", "rows.py:handler names NewImage"),
        ({"failure": Failure(kind="Runtime.ImportModuleError", text="No module")}, "handler-not-loaded", "No module"),
        ({"failure": Failure(kind="Runtime.HandlerNotFound", text="handler2")}, "handler-not-loaded", "handler2"),
        ({"failure": Failure(kind="KeyError", text="'URL'", at_import=True)}, "handler-not-loaded", "KeyError: 'URL'"),
        ({"failure": Failure(kind="", text="no file rows.py")}, "handler-not-loaded", "no file rows.py"),
        (
            {"cautions": (Caution(code="filter-passes-nothing", text="No record can pass"),)},
            "filter-impossible",
            'No record can pass; the newest that is dropped: {"x":1}',
        ),
        ({"reading": Reading(records=5, ahead=5, dropped='{"y":2}')}, "filter-drops-all", '{"y":2}'),
        (
            {"reading": Reading(records=5, passing=3, ahead=2, dropped='{"y":2}')},
            "filter-drops-new",
            "0 of 2 that were not looked at yet",
        ),
        ({"reading": Reading()}, "nothing-written", ARN),
        (
            {"starting_position": "LATEST", "reading": Reading(records=5, passing=5, newest="T")},
            "latest-after-write",
            "the newest of 5 records was made at T",
        ),
        ({"reading": Reading(records=5, passing=5, begun=True, newest="T")}, "all-handled", "behind all 5 records"),
    ],
)
def test_each_cause_is_told_alone(changes: dict[str, Any], code: str, evidence: str) -> None:
    assert told(**changes) == [code]
    reason = explain(replace(HEALTHY, **changes))[0]
    assert evidence in reason.evidence
    assert reason.title
    assert reason.advice


def test_most_decisive_comes_first() -> None:
    assert told(stream_enabled=False, enabled=False, named_arn=OTHER, reading=None) == [
        "stream-off",
        "mapping-disabled",
        "other-table",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"named_arn": ARN.replace("03-02", "01-01")}, "other-label"),
        ({"named_table": "users"}, "other-table"),
        ({"images": frozenset({"NewImage", "OldImage"})}, "view-type"),
        ({"failure": Failure(kind="IndexError", text="list index out of range")}, "handler-fails-when-empty"),
    ],
)
def test_what_is_only_worth_knowing_stops_nothing(changes: dict[str, Any], code: str) -> None:
    reasons = explain(replace(HEALTHY, **changes))
    assert [(reason.code, reason.stops) for reason in reasons] == [("fires", False), (code, False)]


def test_causes_come_before_what_is_only_worth_knowing() -> None:
    reasons = explain(replace(HEALTHY, named_table="users", reading=Reading()))
    assert [reason.code for reason in reasons] == ["nothing-written", "other-table"]


def test_own_arn_and_no_image_are_fine() -> None:
    assert told(named_arn=ARN, named_table="messages", images=frozenset()) == []


def test_hint_of_a_failure_is_the_advice() -> None:
    (reason,) = explain(replace(HEALTHY, failure=Failure(kind="", text="gone", hint="ls rows.py")))
    assert reason.advice == "ls rows.py"


def test_another_process_that_is_attached_delivers() -> None:
    (reason,) = explain(replace(HEALTHY, attached="by process 7", reading=Reading(records=5, passing=5, ahead=None)))
    assert (reason.code, reason.evidence) == ("fires", "by process 7")
