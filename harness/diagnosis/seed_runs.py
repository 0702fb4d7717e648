"""What the scripts that fill the table did when they were run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.diagnosis.conversations import Entry, read_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.place import Place
    from harness.project.source import Source
    from harness.rehearsal.results import AwsCall, Pass, ScriptRun

WRITES = frozenset({"PutItem", "BatchWriteItem", "TransactWriteItems", "UpdateItem"})
#: What DynamoDB says of two items of one key in a BatchWriteItem, and in a TransactWriteItems.
_DOUBLES = re.compile(r"list of item keys contains duplicates|cannot include multiple operations on one item")
_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """One item that a script put."""

    table: str
    item: Mapping[str, Mapping[str, Any]]
    place: Place | None

    @property
    def entry(self) -> Entry | None:
        """The item as message or group row."""
        return read_entry(self.item)


def seed_sources(facts: Facts) -> tuple[Source, ...]:
    """Return the scripts that fill the table."""
    return facts.project.with_role("table-seed") if facts.project else ()


def seed_runs(facts: Facts, pass_: Pass = 1) -> tuple[ScriptRun, ...]:
    """Return what they came to."""
    if facts.rehearsal is None:
        return ()
    paths = {source.path for source in seed_sources(facts)}
    return tuple(
        run
        for run in facts.rehearsal.scripts
        if run.path in paths and run.pass_ == pass_ and run.only_for in {None, "table-seed"}
    )


def is_of_rehearsal(facts: Facts) -> bool:
    """Whether the data is what the project's own scripts left, and not what some database held all along."""
    return facts.rehearsal is not None and facts.held == facts.rehearsal.first


def came_to_their_end(facts: Facts) -> bool:
    """Whether the seeds were run here, undisturbed and without an error."""
    runs = seed_runs(facts)
    return bool(runs) and all(run.ok and not run.stopped and not refused_writes(run) for run in runs)


def finished(facts: Facts) -> bool:
    """Whether the data is all that a seed means to write: it was there already, or came of a seed that ended well."""
    return came_to_their_end(facts) or not is_of_rehearsal(facts)


def refused_writes(run: ScriptRun) -> tuple[AwsCall, ...]:
    """Return the writes that were answered with an error."""
    return tuple(call for call in run.calls if call.operation in WRITES and call.error)


def refused_as_doubles(run: ScriptRun) -> tuple[Put, ...]:
    """Return the items for which batches and transactions were refused: those that have a key with another one in them."""
    message = run.traceback.message if run.traceback is not None else f"{run.stdout}\n{run.stderr}"
    if not _DOUBLES.search(message):
        return ()
    found = []
    for call in refused_writes(run):
        items = [Put(table=table, item=typed(item), place=call.place) for table, item in _items_of(call)]
        keys = Counter(_key(put) for put in items)
        found += [put for put in items if keys[_key(put)] > 1]
    return tuple(found)


def _key(put: Put) -> tuple[str, str]:
    return put.table, str(put.entry)


def puts(run: ScriptRun) -> Iterator[Put]:
    """Yield the items that a script put, in order; refused ones are left out."""
    for call in run.calls:
        if call.service == "dynamodb" and not call.error:
            for table, item in _items_of(call):
                yield Put(table=table, item=typed(item), place=call.place)


def typed(item: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return an item in DynamoDB JSON, however boto3 was given it."""
    return {str(name): _typed(value) for name, value in item.items()}


def _typed(value: Any) -> Mapping[str, Any]:  # noqa: PLR0911 - one case for each type
    match value:
        case Mapping() if len(value) == 1 and next(iter(value)) in _TYPES:
            return value
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case None:
            return {"NULL": True}
        case int() | float():
            return {"N": str(value)}
        case Mapping():
            return {"M": {str(name): _typed(inner) for name, inner in value.items()}}
        case list() | tuple():
            return {"L": [_typed(inner) for inner in value]}
    return {"S": str(value)}


def _items_of(call: AwsCall) -> Iterator[tuple[str, Mapping[str, Any]]]:
    parameters = call.parameters
    if call.operation == "PutItem":
        yield from _item(parameters.get("TableName"), parameters)
    elif call.operation == "TransactWriteItems":
        for action in _maps(parameters.get("TransactItems")):
            for put in _maps([action.get("Put")]):
                yield from _item(put.get("TableName"), put)
    elif call.operation == "BatchWriteItem":
        requests = parameters.get("RequestItems")
        for table, listed in requests.items() if isinstance(requests, Mapping) else ():
            for request in _maps(listed):
                for put in _maps([request.get("PutRequest")]):
                    yield from _item(table, put)


def _item(table: Any, holder: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    item = holder.get("Item")
    if isinstance(item, Mapping):
        yield str(table), item


def _maps(values: Any) -> Iterator[Mapping[str, Any]]:
    yield from (value for value in values if isinstance(value, Mapping)) if isinstance(values, list | tuple) else ()
