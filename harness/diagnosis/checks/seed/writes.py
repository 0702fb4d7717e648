"""The table takes what the seed writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.asked_handles import asks_in_vain
from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.seed_runs import refused_writes, seed_runs, seed_sources
from harness.diagnosis.shared_keys import shared_keys
from harness.project.place import Place
from harness.project.table.requests import requests_of
from harness.streams.size import attributes_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.rehearsal.results import AwsCall, ScriptRun

_LARGEST = 400 * 1024
#: Letters of a message of DynamoDB, of which some quote the whole request.
_LONGEST = 400
#: DynamoDB API reference, BatchWriteItem.
_IN_PARTS = (
    "Send 25 at a time, `for n in range(0, len(items), 25)`, or put them by the resource's batch_writer(), which does."
)
_SAID = ("ValidationException", "Parameter validation failed")
_REFUSALS = {
    r"Missing the key (?P<name>\w+)": "the item has no {name}, which is part of the table's key",
    r"Type mismatch for key (?P<name>\w+) expected: (?P<wanted>\w+) actual: M": (
        "{name} is a map: this is DynamoDB JSON, {{'S': …}}, given to the resource API, which wants plain values"
    ),
    r"Type mismatch for (Index )?[Kk]ey (?P<name>\w+)[ ,].*?[Ee]xpected: (?P<wanted>\w+),? [Aa]ctual: (?P<actual>\w+)": (
        "{name} is of type {actual}, and the table's key wants {wanted}"
    ),
    r"empty string value.*?[Kk]ey:? ?(?P<name>\w+)": "{name} is empty, and a key must not be",
    r"Item size|maximum allowed size": "the item is larger than the 400 KB that DynamoDB keeps in one",
    r"Float types are not supported": "a float stands in the item; the resource API takes Decimal or text",
    r"Invalid type for parameter (?P<name>[\w.\[\]]+), value: None": "{name} is None: a value that was looked up is not there",
    r"Invalid type for parameter (?P<name>[\w.\[\]]+), value: (?P<value>.{0,60}?), type: .*?(dict|'str')": (
        "{name} is {value}: the client API wants each value with its type, {{'S': '…'}}, and a text in it"
    ),
    r"length less than or equal to 25|Too many items requested": "BatchWriteItem takes 25 items at most{sent}",
    r"provided list of item keys contains duplicates": "two items of one batch have the same key",
    r"cannot include multiple operations on one item": "two writes of one transaction are of the same key",
}


@check(
    "SEED105",
    severity="warning",
    example="""client.batch_write_item(RequestItems=items)    # the answer's UnprocessedItems are never looked at""",
)
def unprocessed_items_are_sent_again(facts: Facts) -> Iterator[Problem]:
    """The seed sends again what BatchWriteItem leaves unprocessed.

    Repeat the request with the answer's UnprocessedItems until there are none, or use the resource's batch_writer(),
    which does.
    """
    for source in seed_sources(facts):
        requests = [each for each in requests_of(source) if each.operation == "BatchWriteItem"]
        if not requests or "UnprocessedItems" in source.text:
            continue
        calls = [call for run in seed_runs(facts) if run.path == source.path for call in run.calls]
        lost = sum(bool(call.answer.get("UnprocessedItems")) for call in calls)
        seen = f"; {lost} answers had some, which are lost" if lost else ": what DynamoDB leaves out is lost silently"
        yield Problem(
            cause=f"{source.path} writes with batch_write_item and never looks at UnprocessedItems{seen}",
            place=requests[0].place,
            evidence=(Evidence(text=line_at(source, requests[0].place.line).strip(), place=requests[0].place),),
        )


@check(
    "SEED106",
    requires={"SEED101"},
    example="""
    'sk': {'S': None}
    ParamValidationError: Invalid type for parameter Item.sk.S, value: None, type: <class 'NoneType'>
    """,
)
def writes_are_accepted(facts: Facts) -> Iterator[Problem]:
    """DynamoDB takes every item that the seed writes.

    Give the item all parts of the table's key, as texts that are not empty, and no more than 400 KB.
    """
    for run in seed_runs(facts):
        told = asks_in_vain(facts, run.path) or any(
            each.refused for each in shared_keys(facts, run)
        )  # SEED305 tells of those
        problem = None if told else _refusal(run)
        if problem is not None:
            yield problem
    for each in facts.conversations:
        large = [entry for entry in each.entries if _size(entry.item) > _LARGEST]
        if large:
            yield Problem(
                cause=f"{len(large)} items are larger than the 400 KB that DynamoDB keeps in one",
                evidence=tuple(Evidence(text=f"{entry}: {_size(entry.item)} bytes") for entry in large[:3]),
            )


def _refusal(run: ScriptRun) -> Problem | None:
    refused = [call for call in refused_writes(run) if call.error == "ValidationException"]
    message = _message(run)
    explained = _explained(message, refused)
    if explained is None and not refused:
        return None
    call = refused[0] if refused else None
    place = (call.place if call else None) or (run.traceback.at.place if run.traceback and run.traceback.at else None)
    count = f"{len(refused)} writes are refused" if len(refused) > 1 else "a write is refused"
    return Problem(
        cause=f"{run.path}: {count}: {explained or _cut(message) or 'ValidationException'}",
        place=place or Place(path=run.path),
        evidence=(
            *([Evidence(text=_cut(message))] if message else []),
            *([Evidence(text=f"{call.operation} {str(dict(call.parameters))[:300]}")] if call else []),
        ),
        advice=_IN_PARTS if explained is not None and "25 items" in explained else "",
    )


def _message(run: ScriptRun) -> str:
    """Return what botocore said, raised or printed."""
    if run.traceback is not None:
        kind = run.traceback.kind.rpartition(".")[2]
        relevant = kind in {"ClientError", "ParamValidationError", "ValidationException"} or "Float types" in (
            run.traceback.message
        )
        return run.traceback.message if relevant else ""
    lines = f"{run.stdout}\n{run.stderr}".splitlines()
    said = next((n for n, line in enumerate(lines) if any(word in line for word in _SAID)), len(lines))
    return "\n".join(lines[said : said + 2]).strip()  # the second line names the parameter


def _explained(message: str, refused: list[AwsCall]) -> str | None:
    for pattern, words in _REFUSALS.items():
        if found := re.search(pattern, message, re.DOTALL | re.IGNORECASE):
            return words.format(**found.groupdict(), sent=_sent(refused))
    return None


def _sent(refused: list[AwsCall]) -> str:
    """Return how many items the first refused batch had, in words; nothing where that can't be told."""
    tables = refused[0].parameters.get("RequestItems") if refused else None
    count = sum(len(each) for each in tables.values()) if isinstance(tables, dict) else 0
    return f", and one call has {count}" if count else ""


def _cut(message: str) -> str:
    """Return a message without its middle, which may quote all items: what it says stands at both ends."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"


def _size(item: object) -> int:
    try:
        return attributes_size(item)  # type: ignore[arg-type]
    except (ValueError, ArithmeticError, TypeError, AttributeError):
        return 0
