"""What the harness itself reads of a table beside a running scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import Item


def item_collection(client: Any, table: str, pk: str) -> Iterator[Item]:
    """Yield the items of one partition, the highest sort key first."""
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ScanIndexForward=False,
        ConsistentRead=True,
    )
    for page in pages:
        yield from page["Items"]


def stream_arn(client: Any, table: str) -> str | None:
    """Return the ARN of the table's open stream; None where it has none."""
    try:
        description = client.describe_table(TableName=table)["Table"]
    except client.exceptions.ResourceNotFoundException as exc:
        raise UsageError(
            f"scenarios work on table {table!r}, which is not there",
            hint="`table` in harness.toml names it; `harness schema load` makes the tables of the schema files",
        ) from exc
    enabled = description.get("StreamSpecification", {}).get("StreamEnabled")
    return str(description["LatestStreamArn"]) if enabled else None
