"""Calls of DynamoDB and its streams, and the actions that they need.

Source: "Actions, resources, and condition keys for Amazon DynamoDB" of the Service Authorization Reference; for
PartiQL "IAM security policies with PartiQL for DynamoDB", for transactions "DynamoDB transactions" of the developer guide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.streams.permissions.partiql import read_statement
from harness.streams.permissions.permission import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.streams.permissions.permission import Permission, Request

_ON_TABLE = frozenset(
    {
        *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
        *("CreateTable", "DescribeTable", "UpdateTable", "DeleteTable", "UpdateTimeToLive", "DescribeTimeToLive"),
        *("CreateBackup", "DescribeContinuousBackups", "UpdateContinuousBackups"),
        *("DescribeContributorInsights", "UpdateContributorInsights"),
        *("DescribeTableReplicaAutoScaling", "UpdateTableReplicaAutoScaling"),
    }
)
#: Actions that take no resource; a policy has to say `*`.
_UNBOUND = frozenset(
    {"ListTables", "ListBackups", "ListContributorInsights", "ListGlobalTables", "DescribeLimits", "ListStreams"}
)
#: The parameter that holds the resource's ARN.
_BY_ARN = {
    "DeleteBackup": "BackupArn",
    "DescribeBackup": "BackupArn",
    "ListTagsOfResource": "ResourceArn",
    "TagResource": "ResourceArn",
    "UntagResource": "ResourceArn",
    "DescribeStream": "StreamArn",
    "GetShardIterator": "StreamArn",
}
#: The same, for actions that the copy of the reference that was at hand doesn't list.
_BY_ARN_UNVERIFIED = {
    "GetResourcePolicy": "ResourceArn",
    "PutResourcePolicy": "ResourceArn",
    "DeleteResourcePolicy": "ResourceArn",
    "ExportTableToPointInTime": "TableArn",
    "DescribeExport": "ExportArn",
    "DescribeImport": "ImportArn",
    "RestoreTableToPointInTime": "SourceTableArn",
}
_GLOBAL_TABLES = {"CreateGlobalTable", "DescribeGlobalTable", "DescribeGlobalTableSettings"} | {
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
}
_IN_A_STREAM = re.compile(r"arn:[\w-]+:dynamodb:[\w-]*:\d*:table/[\w.-]+/stream/[\w.:-]+")


def dynamodb_needs(request: Request) -> Iterator[Permission]:
    """Yield what a call of `dynamodb` or `dynamodbstreams` needs; nothing for one that lacks its table and so fails earlier."""
    operation = request.operation
    if operation in _ON_TABLE:
        yield from _on_table(request, operation, request.parameters, verified=True)
    elif operation in {"BatchGetItem", "BatchWriteItem"}:
        for table in request.parameters.get("RequestItems") or {}:
            yield from _on_table(request, operation, {"TableName": table}, verified=True)
    elif operation in {"TransactGetItems", "TransactWriteItems"}:
        yield from _transaction(request)
    elif operation in {"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"}:
        yield from _partiql(request)
    elif operation == "GetRecords":
        found = _IN_A_STREAM.search(request.text("ShardIterator"))
        yield _stream(request, found.group() if found else request.identity.name("dynamodb", "table/*/stream/*"))
    elif operation in {"DescribeStream", "GetShardIterator"} and request.text("StreamArn"):
        yield _stream(request, request.text("StreamArn"))
    else:
        yield from _by_name(request)


def table_arn(request: Request, name: str) -> str:
    """Return the ARN of a table that a call names, by name or by ARN."""
    return (
        request.identity.placed(name) if name.startswith("arn:") else request.identity.name("dynamodb", f"table/{name}")
    )


def all_labels(stream_arn: str) -> str:
    """`…/stream/*`: a stream's label is a new one whenever the stream is switched on again or the table made anew."""
    return re.sub(r"/stream/.*", "/stream/*", stream_arn)


def _on_table(request: Request, action: str, where: Mapping[str, Any], *, verified: bool) -> Iterator[Permission]:
    name, index = where.get("TableName"), where.get("IndexName")
    if isinstance(name, str) and name:
        arn = table_arn(request, name) + (f"/index/{index}" if index else "")
        yield request.need(f"dynamodb:{action}", arn, verified=verified)


def _transaction(request: Request) -> Iterator[Permission]:
    """Yield the need of each part, which is that of the single call: a transaction has no action of its own."""
    actions = {
        "Get": "GetItem",
        "Put": "PutItem",
        "Update": "UpdateItem",
        "Delete": "DeleteItem",
        "ConditionCheck": "ConditionCheckItem",
    }
    for part in request.entries("TransactItems"):
        for kind, details in part.items() if isinstance(part, dict) else ():
            if kind in actions and isinstance(details, dict):
                yield from _on_table(request, actions[kind], {"TableName": details.get("TableName")}, verified=True)


def _partiql(request: Request) -> Iterator[Permission]:
    entries = [*request.entries("Statements"), *request.entries("TransactStatements")]
    texts = [entry.get("Statement") for entry in entries if isinstance(entry, dict)] + [request.text("Statement")]
    for text in texts:
        if not isinstance(text, str) or not text:
            continue
        statement = read_statement(text)
        if statement is None:
            yield request.need("dynamodb:PartiQL*", ANY, verified=False)
        else:
            where = {"TableName": statement.table, "IndexName": statement.index}
            yield from _on_table(
                request, statement.action, where, verified=not text.lstrip().upper().startswith("EXISTS")
            )


def _stream(request: Request, arn: str) -> Permission:
    arn = request.identity.placed(arn)
    return request.need(f"dynamodb:{request.operation}", arn, grant=all_labels(arn))


def _by_name(request: Request) -> Iterator[Permission]:
    operation, action = request.operation, f"dynamodb:{request.operation}"
    if operation == "ListStreams" and request.text("TableName"):
        # The reference binds it to no resource, AWS's own policies bind it to the table's streams: both work.
        yield request.need(action, table_arn(request, request.text("TableName")) + "/stream/*")
    elif operation in _UNBOUND:
        yield request.need(action, ANY)
    elif arn := request.text(_BY_ARN.get(operation, "")):
        yield request.need(action, request.identity.placed(arn))
    elif arn := request.text(_BY_ARN_UNVERIFIED.get(operation, "")):
        yield request.need(action, request.identity.placed(arn), verified=False)
    elif operation in _GLOBAL_TABLES and (name := request.text("GlobalTableName")):
        yield from _global_table(request, name)
    elif operation == "RestoreTableFromBackup" and request.text("BackupArn"):
        yield request.need(action, request.identity.placed(request.text("BackupArn")))
        yield request.need(action, table_arn(request, request.text("TargetTableName")))
    elif request.text("TableName"):
        yield request.need(action, table_arn(request, request.text("TableName")), verified=False)
    else:
        yield request.need(action, ANY, verified=False)


def _global_table(request: Request, name: str) -> Iterator[Permission]:
    where = request.identity
    arn = f"arn:{where.partition}:dynamodb::{where.account}:global-table/{name}"
    yield request.need(f"dynamodb:{request.operation}", arn)
    if not request.operation.startswith("Describe"):
        yield request.need(f"dynamodb:{request.operation}", table_arn(request, name))
