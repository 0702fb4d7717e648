"""Which items a request to DynamoDB writes.

Source: the requests of PutItem, UpdateItem, DeleteItem, BatchWriteItem, TransactWriteItems and of the PartiQL operations
in the DynamoDB API reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.streams.event import canonical_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.streams.invocation import AwsCall

_ACTIONS = ("Put", "Update", "Delete")
_STATEMENT = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:\"([^\"]+)\"|([\w.-]+))", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One item that a request writes, by the operation's name."""

    operation: str
    #: The item, or only its key, in DynamoDB JSON; empty where the request does not tell (PartiQL).
    attributes: Mapping[str, Any] = field(default_factory=dict)


def writes_of(call: AwsCall, table: str) -> Iterator[Write]:
    """Give what a call wrote to a table (a name or an ARN); nothing where it failed."""
    if call.service != "dynamodb" or call.error is not None:
        return
    name = table_name(table)
    for table_written, attributes in written(call.operation, call.parameters):
        if table_name(table_written) == name:
            yield Write(operation=call.operation, attributes=attributes)


def written(operation: str, said: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give table (name or ARN) and item, or key, of each write in a request's parameters."""
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield said["TableName"], _attributes(said)
        case "BatchWriteItem":
            for table, requests in said["RequestItems"].items():
                yield from ((table, _attributes(kind)) for request in requests for kind in request.values())
        case "TransactWriteItems":
            kinds = (action.get(kind) for action in said["TransactItems"] for kind in _ACTIONS)
            yield from ((kind["TableName"], _attributes(kind)) for kind in kinds if kind)
        case "ExecuteStatement" | "BatchExecuteStatement" | "ExecuteTransaction":
            statements = said.get("Statements") or said.get("TransactStatements") or [said]
            found = (_STATEMENT.match(statement["Statement"]) for statement in statements)
            yield from ((statement[1] or statement[2], {}) for statement in found if statement)


def _attributes(said: Mapping[str, Any]) -> Mapping[str, Any]:
    attributes: Mapping[str, Any] = said["Item"] if "Item" in said else said["Key"]
    return attributes


def table_name(name_or_arn: str) -> str:
    """Return the name from a name, a table's ARN or a stream's."""
    return name_or_arn.partition(":table/")[2].partition("/")[0] or name_or_arn


def plain_key(key: Mapping[str, Any]) -> dict[str, Any]:
    """Return a key with its numbers as DynamoDB writes them: 1, 1.0 and 1e0 are one item."""
    return {
        name: {kind: canonical_number(value) if kind == "N" else value for kind, value in typed.items()}
        for name, typed in key.items()
    }
