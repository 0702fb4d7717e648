"""What a block of code asked of DynamoDB, and assertions about it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.stores.recorder import Recorder
from harness.streams.writes import table_name
from harness.testing.showing import request_line, shown_requests
from harness.testing.written import Lookup, changed_keys, client_lookup, compare_written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.stores.recorder import Call

#: PartiQL may read by key or scan; the request does not tell which.
_PARTIQL = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})


@dataclass(kw_only=True)
class Seen:
    """The requests of a block, oldest first. While the block runs, those so far."""

    recorder: Recorder
    lookup: Lookup
    _first: int = field(init=False)
    _end: int | None = None

    def __post_init__(self) -> None:
        self._first = len(self.recorder.calls)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request, refused ones included."""
        return self.recorder.calls[self._first : self._end]

    @property
    def capacity(self) -> float:
        """Capacity units that all of them consumed."""
        return sum(call.capacity or 0.0 for call in self.calls)

    def assert_query(
        self,
        *,
        index: str | None = None,
        key: str | None = None,
        table: str | None = None,
        max_rcu: float | None = None,
    ) -> None:
        """Hold when the index (None: the table itself) was read by Query, within a budget of read capacity units.

        `key` narrows it to Queries that name this value, such as a partition key; `table` to one table's.
        """
        __tracebackhide__ = True
        named = f" that names {key!r}" if key else ""
        wanted = f"a Query of {table or 'the table'}{f', index {index}' if index else ''}{named}"
        found = [call for call in self.calls if _is_query(call, index, key, table)]
        if not found:
            self._fail(wanted, "none of the requests is one")
        if max_rcu is None:
            return
        budget = f"{wanted}, with at most {max_rcu:g} read capacity units"
        if any(call.capacity is None for call in found):
            self._fail(budget, "the service did not tell what it consumed")
        used = sum(call.capacity or 0.0 for call in found)
        if used > max_rcu:
            self._fail(budget, f"{used:g} in {len(found)} request{'s' if len(found) > 1 else ''}")

    def assert_no_scan(self) -> None:
        """Hold when nothing was read by Scan, nor by a PartiQL SELECT, which may be one."""
        __tracebackhide__ = True
        for call in self.calls:
            if call.operation == "Scan":
                self._fail("no Scan", request_line(call))
            if call.operation in _PARTIQL and "select" in str(call.request).lower():
                self._fail("no Scan, and no SELECT that may be one", request_line(call))

    def assert_wrote(
        self, items: Iterable[Mapping[str, Any]] = (), *, deleted: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """Hold when exactly these items were written, and those with these keys deleted; compares what is there by now.

        Items as in boto3's Table, or in DynamoDB JSON. Without any: nothing was written.
        """
        __tracebackhide__ = True
        partiql = next(
            (c for c in self.calls if c.operation in _PARTIQL and "select" not in str(c.request).lower()), None
        )
        if partiql is not None:
            self._fail("writes that name their items", f"PartiQL, which does not: {request_line(partiql)}")
        keys = changed_keys(self.calls, self.lookup.key_of)
        wrong = compare_written({where: self.lookup.item(*where) for where in keys}, keys, tuple(items), tuple(deleted))
        if wrong is not None:
            self._fail(*wrong)

    def end(self) -> None:
        """Hear no more."""
        self._end = len(self.recorder.calls)

    def _fail(self, expected: str, actual: str) -> None:
        __tracebackhide__ = True
        raise AssertionError(f"expected  {expected}\nactual    {actual}\nrequests\n{shown_requests(self.calls)}")


@contextmanager
def watch(*clients: Any) -> Iterator[Seen]:
    """Hear what these clients, resources or tables of boto3 ask until the block ends. Needs neither pytest nor a stack."""
    recorder = Recorder()
    heard = [getattr(client.meta, "client", client) for client in clients]
    with ExitStack() as stack:
        for client in heard:
            recorder.attach(client.meta.events)
            stack.callback(recorder.detach, client.meta.events)
        seen = Seen(recorder=recorder, lookup=client_lookup(clients[0], recorder))
        yield seen
    seen.end()


def _is_query(call: Call, index: str | None, key: str | None, table: str | None) -> bool:
    asked = call.request
    return (
        call.operation == "Query"
        and call.error is None
        and asked.get("IndexName") == index
        and (key is None or key in _values(asked))
        and (table is None or table_name(asked.get("TableName", "")) == table_name(table))
    )


def _values(request: Mapping[str, Any]) -> set[str]:
    """Return every value that a Query's key condition or filter names, as text."""
    typed = list(request.get("ExpressionAttributeValues", {}).values())
    for condition in request.get("KeyConditions", {}).values():
        typed += condition.get("AttributeValueList", ())
    return {str(inner) for value in typed for inner in value.values()}
