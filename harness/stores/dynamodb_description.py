"""From what DescribeTable says to what CreateTable wants. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.stores.dynamodb_diff import billing_mode

if TYPE_CHECKING:
    from collections.abc import Mapping

_INDEXES = ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")


def definition_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of CreateTable, without `TableName`, that make such a table again."""
    mode = billing_mode(described)
    definition: dict[str, Any] = {
        "AttributeDefinitions": described["AttributeDefinitions"],
        "KeySchema": described["KeySchema"],
        "BillingMode": mode,
    }
    if mode == "PROVISIONED":
        definition["ProvisionedThroughput"] = _units(described)
    for kind in _INDEXES:
        if indexes := described.get(kind):
            definition[kind] = [_index(index, mode, kind) for index in indexes]
    stream = described.get("StreamSpecification") or {}
    if stream.get("StreamEnabled"):
        definition["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream["StreamViewType"]}
    return definition


def _index(index: Mapping[str, Any], mode: str, kind: str) -> dict[str, Any]:
    found = {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
    if mode == "PROVISIONED" and kind == "GlobalSecondaryIndexes":
        found["ProvisionedThroughput"] = _units(index)
    return found


def _units(described: Mapping[str, Any]) -> dict[str, int]:
    units = described.get("ProvisionedThroughput") or {}
    return {name: max(1, int(units.get(name, 1))) for name in ("ReadCapacityUnits", "WriteCapacityUnits")}
