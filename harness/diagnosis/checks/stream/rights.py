"""What the role of a stream handler may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.handler_rights import rights
from harness.streams.permissions.needs import STREAM_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.handler_rights import Rights
    from harness.streams.permissions.denial import Refusal

_STREAM = frozenset(f"dynamodb:{action}" for action in STREAM_ACTIONS)


@check(
    "STR201",
    requires={"STR105"},
    example="""
    handler:  table.query(IndexName='message-group-sk-index', …)
    policy:   "Resource": "arn:aws:dynamodb:…:table/cruddur-messages"      # and not …/index/*
    """,
)
def role_may_do_what_the_handler_calls(facts: Facts) -> Iterator[Problem]:
    """The handler's role may do what the handler calls, on the table and on its index.

    Allow these actions on `table/<table>` and, for queries of an index, on `table/<table>/index/*`.
    """
    for each in rights(facts):
        refused = [refusal for refusal in each.report.refused if refusal.permission.action not in _STREAM]
        if refused and not each.report.unexamined:
            yield _problem(each, refused, "calls")


@check(
    "STR202",
    example=""""Action": ["dynamodb:GetRecords", …], "Resource": "arn:aws:dynamodb:…:table/cruddur-messages" """,
)
def role_may_read_the_stream(facts: Facts) -> Iterator[Problem]:
    """The handler's role may read the table's stream.

    Allow DescribeStream, GetRecords, GetShardIterator and ListStreams on `table/<table>/stream/*`, or attach
    AWSLambdaDynamoDBExecutionRole.
    """
    for each in rights(facts):
        refused = [refusal for refusal in each.report.refused if refusal.permission.action in _STREAM]
        if refused and not each.report.unexamined:
            yield _problem(each, refused, "needs")


def _problem(each: Rights, refused: list[Refusal], verb: str) -> Problem:
    wanted = [f"{r.permission.action} on {_short(r.permission.resource)}" for r in refused]
    faults = [
        fault
        for fault in each.report.faults
        if set(fault.refused) & {f"{r.permission.action} on {r.permission.resource}" for r in refused}
    ]
    return Problem(
        cause=f"{each.whose} does not allow {', '.join(wanted)}, which the handler {verb}",
        place=each.place,
        evidence=(
            Evidence(text=f"{refused[0].code}: {refused[0].message}"),
            *(Evidence(text=fault.evidence) for fault in faults[:2]),
        ),
        advice=faults[0].advice if faults else "",
    )


def _short(arn: str) -> str:
    """`table/T/index/I` of an ARN; a stream without its label, which is made up here."""
    name = arn.split(":", 5)[-1]
    return f"{name.partition('/stream/')[0]}/stream/*" if "/stream/" in name else name
