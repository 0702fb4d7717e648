"""Tables out of a document: one CreateTable call, or a CloudFormation/SAM template."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from harness.schema import TableSchema
from harness.schema_files.definitions import KNOWN, WITHOUT_EFFECT, built_from, check

if TYPE_CHECKING:
    from harness.schema_files.documents import Document

log = logging.getLogger(__name__)

_TABLE = "AWS::DynamoDB::Table"
_SIMPLE_TABLE = "AWS::Serverless::SimpleTable"
#: Resources of a template that are tables here.
TABLE_TYPES = (_TABLE, _SIMPLE_TABLE)
_SIMPLE_KNOWN = frozenset(
    {"PrimaryKey", "ProvisionedThroughput", "TableName", "PointInTimeRecoverySpecification", "SSESpecification", "Tags"}
)
_PSEUDO_PARAMETERS = {
    "AWS::AccountId": "000000000000",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "harness",
}


def tables_of(document: Document) -> tuple[TableSchema, ...]:
    """Return the tables that a document describes."""
    if "Resources" in document.data or "AWSTemplateFormatVersion" in document.data:
        return _template_tables(document)
    if "TableName" not in document.data:
        raise document.wrong(
            f"neither a CreateTable call (no TableName) nor a template (no Resources); found {', '.join(document.data)}",
            hint="aws dynamodb create-table --generate-cli-skeleton shows the shape",
        )
    return (_table(document, document.data["TableName"], document.data),)


def _table(document: Document, name: Any, properties: dict[str, Any]) -> TableSchema:
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", name):
        raise document.wrong(
            f"TableName {name!r}; it is 3 to 255 of the characters a-z A-Z 0-9 _ . -",
            near="TableName",
            hint=f"correct TableName in {document.path.name}",
        )
    document.refuse_unknown(properties, KNOWN, f"table {name!r}")
    if ignored := sorted(WITHOUT_EFFECT & properties.keys()):
        log.info("%s: %s of table %s: without effect on a local table", document.path, ", ".join(ignored), name)
    definition = built_from(properties)
    if stream := definition.get("StreamSpecification"):
        definition["StreamSpecification"] = _stream(stream)
    check(document, name, definition)
    return TableSchema(
        name=name,
        definition=definition,
        ttl_attribute=_ttl(document, properties),
        source=document.path,
        besides={key: value for key, value in properties.items() if key in WITHOUT_EFFECT},
    )


def _stream(specification: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation names only the view type; CreateTable wants to be told that it is enabled."""
    enabled = {"StreamEnabled": True} | specification
    enabled.pop("ResourcePolicy", None)
    return enabled


def _ttl(document: Document, properties: dict[str, Any]) -> str | None:
    specification = properties.get("TimeToLiveSpecification")
    if specification is None:
        return None
    document.refuse_unknown(specification, {"AttributeName", "Enabled"}, "TimeToLiveSpecification")
    if not specification.get("Enabled", False):
        return None
    if not isinstance(name := specification.get("AttributeName"), str):
        raise document.wrong(
            "TimeToLiveSpecification is enabled without AttributeName",
            near="TimeToLiveSpecification",
            hint="name the attribute that holds the expiry",
        )
    return name


def _template_tables(document: Document) -> tuple[TableSchema, ...]:
    tables = []
    for logical_id, resource in (document.data.get("Resources") or {}).items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if kind in TABLE_TYPES:
            tables.append(table_of_resource(document, logical_id, kind, resource.get("Properties") or {}))
    if not tables:
        raise document.wrong(
            f"the template has no resource of type {_TABLE} or {_SIMPLE_TABLE}",
            hint="take this file out of the schema's globs, or add a table to it",
        )
    return tuple(tables)


def table_of_resource(document: Document, logical_id: str, kind: str, properties: dict[str, Any]) -> TableSchema:
    """Return the table of one resource; `kind` is one of TABLE_TYPES. Without a TableName it is called by its logical id."""
    properties = _resolve(document, logical_id, properties)
    if kind == _SIMPLE_TABLE:
        properties = _simple_table(document, logical_id, properties)
    return _table(document, properties.pop("TableName", logical_id), properties)


def _simple_table(document: Document, logical_id: str, properties: dict[str, Any]) -> dict[str, Any]:
    document.refuse_unknown(properties, _SIMPLE_KNOWN, f"{_SIMPLE_TABLE} {logical_id}")
    key = properties.pop("PrimaryKey", {"Name": "id", "Type": "String"})
    capacity = {} if "ProvisionedThroughput" in properties else {"BillingMode": "PAY_PER_REQUEST"}
    return {
        "AttributeDefinitions": [{"AttributeName": key["Name"], "AttributeType": str(key["Type"])[0]}],
        "KeySchema": [{"AttributeName": key["Name"], "KeyType": "HASH"}],
        **capacity,
        **properties,
    }


def _resolve(document: Document, logical_id: str, value: Any) -> Any:
    """Put parameters' defaults in, and make numbers of numbers that a template wrote as text."""
    if isinstance(value, list):
        return [_resolve(document, logical_id, entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
        return _intrinsic(document, logical_id, value)
    resolved = {}
    for key, entry in value.items():
        plain = entry if key in WITHOUT_EFFECT else _resolve(document, logical_id, entry)
        resolved[key] = int(plain) if key.endswith("CapacityUnits") and str(plain).isdigit() else plain
    return resolved


def _intrinsic(document: Document, logical_id: str, value: dict[str, Any]) -> Any:
    [(function, argument)] = value.items()
    if function == "Ref":
        return _parameter(document, logical_id, str(argument))
    if function == "Fn::Sub" and isinstance(argument, str):
        return re.sub(
            r"\$\{([^!}]+)\}", lambda found: str(_parameter(document, logical_id, found.group(1).strip())), argument
        )
    raise document.wrong(
        f"{logical_id} uses {function}, which is only known once the stack is deployed",
        near=logical_id,
        hint="write the value itself, or a !Ref/!Sub to a parameter with a Default",
    )


def _parameter(document: Document, logical_id: str, name: str) -> Any:
    parameter = (document.data.get("Parameters") or {}).get(name)
    if isinstance(parameter, dict) and "Default" in parameter:
        return parameter["Default"]
    if name in _PSEUDO_PARAMETERS:
        return _PSEUDO_PARAMETERS[name]
    raise document.wrong(
        f"{logical_id} refers to {name!r}, which is not a parameter with a Default",
        near=name,
        hint=f"give {name} a Default under Parameters, or write the value itself",
    )
