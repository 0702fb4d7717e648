"""A table as production wants it: nothing deletes it by accident, and every second of the last 35 days can be had back.

Sources: the CloudFormation pages on AWS::DynamoDB::Table, DeletionPolicy and UpdateReplacePolicy; "Point-in-time backups for
DynamoDB" of the developer guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.stores.dynamodb_diff import billing_mode, view_type
from harness.stores.dynamodb_schema import create_request

if TYPE_CHECKING:
    from harness.schema import TableSchema

_KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
#: In the order in which people read them.
_ORDER = (
    "BillingMode",
    "ProvisionedThroughput",
    "OnDemandThroughput",
    "AttributeDefinitions",
    "KeySchema",
    "LocalSecondaryIndexes",
    "GlobalSecondaryIndexes",
)
_INDEX = ("IndexName", "KeySchema", "Projection")
#: Of what is without effect on a local table: what CreateTable and templates write alike.
CARRIED = frozenset({"DeletionProtectionEnabled", "OnDemandThroughput", "TableClass", "Tags"})


def table_resource(table: TableSchema, *, name: Any) -> dict[str, Any]:
    """Return the resource; `name` is the value of TableName."""
    definition = create_request(table, stream=False) | {"BillingMode": billing_mode(table.definition)}
    capacity = () if definition["BillingMode"] == "PAY_PER_REQUEST" else ("ProvisionedThroughput",)
    for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        if kind in definition:
            definition[kind] = [_ordered(index, (*_INDEX, *capacity)) for index in definition[kind]]
    if not capacity:
        # On demand nothing is provisioned; CloudFormation refuses to be told both.
        definition.pop("ProvisionedThroughput", None)
    carried = {key: value for key, value in table.besides.items() if key in CARRIED and plain(value)}
    properties: dict[str, Any] = {"TableName": name}
    properties |= {key: {**definition, **carried}[key] for key in _ORDER if key in definition or key in carried}
    if (stream := view_type(table.definition)) != "off":
        properties["StreamSpecification"] = {"StreamViewType": stream}
    if table.ttl_attribute:
        properties["TimeToLiveSpecification"] = {"AttributeName": table.ttl_attribute, "Enabled": True}
    properties["DeletionProtectionEnabled"] = True
    properties["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": True}
    properties |= {key: value for key, value in sorted(carried.items()) if key not in _ORDER}
    return {"Type": "AWS::DynamoDB::Table", **_KEPT, "Properties": properties}


def left_out(table: TableSchema) -> list[str]:
    """Return what a schema file says of a table and the template doesn't: it has to be written there by hand."""
    ours = {"PointInTimeRecoverySpecification"}
    return sorted(key for key, value in table.besides.items() if key not in CARRIED | ours or not plain(value))


def plain(value: Any) -> bool:
    """Tell whether a value calls none of CloudFormation's functions: those may name what this template hasn't got."""
    if isinstance(value, dict):
        return all(not key.startswith(("Fn::", "Ref")) and plain(part) for key, part in value.items())
    return all(map(plain, value)) if isinstance(value, list) else True


def _ordered(index: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: index[key] for key in keys if key in index}
