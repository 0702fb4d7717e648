"""Requests, changes and deliveries as text, for whoever reads why a test failed. Pure."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from harness.streams.journal import Discarded, Invoked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.namespaces.changes import Change, TableChanges
    from harness.stores.recorder import Call
    from harness.streams.journal import Delivery, Entry

#: Lines of one kind, and characters of one line, that a person still reads.
MOST, WIDEST = 10, 400
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def request_line(call: Call) -> str:
    """Return one request: operation, parameters, what it consumed or why it was refused."""
    asked = {name: value for name, value in call.request.items() if name != "ReturnConsumedCapacity"}
    ended = f" -> {call.error}" if call.error else f" ({call.capacity:g} units)" if call.capacity is not None else ""
    return f"{call.operation} {_cut(json.dumps(asked, ensure_ascii=False))}{ended}"


def shown_requests(calls: Sequence[Call]) -> str:
    """Return the requests, a line each; of many the last ones."""
    earlier = [f"  … {len(calls) - MOST} earlier ones"] if len(calls) > MOST else []
    return "\n".join([*earlier, *(f"  {request_line(call)}" for call in calls[-MOST:])]) or "  (none)"


def shown_capacity(calls: Iterable[Call]) -> str:
    """Return what was consumed, by operation and index, the most first."""
    used: dict[str, float] = defaultdict(float)
    times: Counter[str] = Counter()
    for call in calls:
        if call.capacity is not None:
            index = call.request.get("IndexName")
            where = f"{call.operation} on {index}" if index else call.operation
            used[where] += call.capacity
            times[where] += 1
    lines = [f"{units:g} units  {where} x{times[where]}" for where, units in sorted(used.items(), key=lambda e: -e[1])]
    return "\n".join(lines)


def shown_changes(tables: Iterable[TableChanges]) -> str:
    """Return what differs from the seed, table by table."""
    return "\n".join(line for table in tables for line in _of_table(table))


def shown_delivery(name: str, delivery: Delivery) -> str:
    """Return what a handler was called with, and what came of it."""
    head = (
        f"{name}: {delivery.records} records handled in {delivery.invokes} calls; "
        f"{delivery.failures} calls failed, {delivery.filtered} records filtered out, {delivery.discarded} discarded"
    )
    lines = [f"  {line}" for entry in delivery.entries for line in _of_entry(entry)]
    return "\n".join([head, *_few(lines)])


def _of_table(table: TableChanges) -> Iterator[str]:
    counts = ", ".join(f"{count} {kind}" for kind, count in table.counts().items() if count)
    yield f"{table.name}: {', '.join(filter(None, [table.note, counts]))}"
    yield from _few([f"  {_SIGNS[change.kind]} {_cut(_of_change(change))}" for change in table.changes])


def _of_change(change: Change) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return _flat(before or after or {})
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    kept = {name: value for name, value in before.items() if name not in names}
    told = ", ".join(f"{name}: {_value(before.get(name))} -> {_value(after.get(name))}" for name in names)
    return f"{told}  of {_flat(kept)}"


def _of_entry(entry: Entry) -> Iterator[str]:
    if isinstance(entry, Invoked):
        changes = ", ".join(str(record.data["eventName"]) for record in entry.invocation.records)
        error = entry.result.error or {}
        ended = f"{error.get('errorType')}: {error.get('errorMessage')}" if error else entry.settled.verdict
        yield _cut(f"attempt {entry.invocation.attempt} with {changes or 'no record'} -> {ended}")
    elif isinstance(entry, Discarded):
        yield f"gave up {len(entry.discard.records)} records"


def _flat(row: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {_value(value)}" for name, value in row.items()) + "}"


def _value(value: Any) -> str:
    """Return a column's value, or an attribute's without its type where that is plain."""
    if isinstance(value, dict) and len(value) == 1 and (inner := value.get("S", value.get("N"))) is not None:
        value = inner
    return json.dumps(value, ensure_ascii=False, default=str)


def _few(lines: list[str]) -> list[str]:
    more = [f"  … and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return lines[:MOST] + more


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}… ({len(text)} characters)"
