"""Namespaces' tables in one exchange each, where an engine takes that: MiniStack as the harness starts it.

Its side is engines/ministack_server.py.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from harness.stores.dynamodb_wire import ServiceError, service_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.stores.dynamodb_ready import ReadyTable
    from harness.stores.dynamodb_wire import Wire

    Request = tuple[str, bytes]

_BUNDLE, _END = "HarnessBundle", "HarnessEnd"
#: Requests in one exchange; while they are done, MiniStack does nothing else: 5 ms.
_MOST = 10


def takes_bundles(wire: Wire) -> bool:
    """Ask whether the engine knows these two requests."""
    try:
        wire.call_once(_BUNDLE, b"")
    except ServiceError as exc:
        if exc.passing:
            raise
        return False
    return True


def make_table(wire: Wire, table: ReadyTable) -> str:
    """Make a table whose name is free, and return its ARN. Raises ServiceError for the request that failed."""
    answers: list[dict[str, Any]] = []
    requests = iter(table.requests())
    while group := list(islice(requests, _MOST)):
        answers += _send(wire, group)
    if any(answer.get("UnprocessedItems") for answer in answers):  # too late: the stream is on
        raise ServiceError("BatchWriteItem", "UnprocessedItems", "not every item was written", 500)
    return str(answers[0]["TableDescription"]["TableArn"])


def delete_tables(wire: Wire) -> None:
    """Delete every table of this access key, protected or not, and what its streams still held."""
    wire.call(_END, {})


def _send(wire: Wire, requests: Sequence[Request]) -> Iterator[dict[str, Any]]:
    """Send requests, and yield their answers. Raises ServiceError for one that failed; those after it are not made."""
    lines = (operation.encode() + b" " + body for operation, body in requests)
    done = wire.call_once(_BUNDLE, b"\n".join(lines))
    if failed := done["Failed"]:
        raise service_error(failed["Operation"], failed["Answer"], failed["Status"])
    yield from done["Answers"]
