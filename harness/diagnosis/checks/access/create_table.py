"""Making the table: what DynamoDB refuses, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import uses
from harness.project.place import Place
from harness.project.table.create_rules import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.known_tables import Use
    from harness.rehearsal.results import AwsCall, ScriptRun

#: Not faults of the request: the table is there already, or nothing answered.
_NOT_ITS_FAULT = frozenset({"ResourceInUseException", "LimitExceededException", "UnrecognizedClientException"})


@check(
    "ACC204",
    example="""
    AttributeDefinitions=[{'AttributeName': 'pk', …}, {'AttributeName': 'sk', …}]
    GlobalSecondaryIndexes=[{… 'KeySchema': [{'AttributeName': 'message_group_uuid', …}]}]
    """,
)
def table_can_be_made(facts: Facts) -> Iterator[Problem]:
    """DynamoDB takes the table as the schema script describes it.

    Every key of the table and of its indexes stands in AttributeDefinitions, and nothing else does.
    """
    requests = [use for use in uses(facts, "table-schema") if use.request.operation == "CreateTable"]
    refused = dict(_refused(facts))
    for use in requests:
        reasons = list(refusals(use.request.parameters)) if use.request.complete else []
        call = refused.pop(use.source.path, None)
        ran = facts.rehearsal is not None and _was_made(facts.rehearsal.script_runs(use.source.path))
        if call is not None or (reasons and not ran):
            yield _problem(use, reasons, call)


def _refused(facts: Facts) -> Iterator[tuple[str, tuple[AwsCall, str]]]:
    """Yield the path of each script whose table was refused, with the request and what was answered."""
    for run in facts.rehearsal.scripts if facts.rehearsal else ():
        for call in run.calls if run.pass_ == 1 else ():
            if call.operation == "CreateTable" and call.error and call.error not in _NOT_ITS_FAULT:
                yield run.path, (call, run.traceback.message if run.traceback else call.error)


def _was_made(runs: tuple[ScriptRun, ...]) -> bool:
    return any(call.operation == "CreateTable" and call.error is None for run in runs for call in run.calls)


def _problem(use: Use, reasons: list[str], call: tuple[AwsCall, str] | None) -> Problem:
    answer = call[1] if call else ""
    cause = "; ".join(reasons) or f"CreateTable is refused: {_sentence(answer)}"
    evidence = [Evidence(text=use.line, place=use.request.place)]
    if answer:
        evidence.append(Evidence(text=answer.strip()[:300], place=call[0].place if call else None))
    return Problem(cause=cause, place=_place(use, reasons), evidence=tuple(evidence))


def _sentence(answer: str) -> str:
    return re.sub(r"^An error occurred \(\w+\) when calling the \w+ operation(?: \(.*?\))?:\s*", "", answer).strip()[
        :300
    ]


def _place(use: Use, reasons: list[str]) -> Place:
    """Return the line that names what the first reason begins with."""
    subject = reasons[0].removeprefix("the index ").removeprefix("the local index ").split(" ")[0] if reasons else ""
    for number, line in enumerate(use.source.lines, 1):
        if subject and (f'"{subject}"' in line or f"'{subject}'" in line):
            return Place(path=use.source.path, line=number)
    return use.request.place
