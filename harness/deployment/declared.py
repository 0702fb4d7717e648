"""The tables of somebody's template, as far as the template alone tells them.

The reader of schema files refuses what it can't tell, since it has to make the table. Here a table is only compared: what
only the deployed stack would know is set aside, and said.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.schema_files.definitions import WITHOUT_EFFECT
from harness.schema_files.documents import Document, read_document
from harness.schema_files.tables import TABLE_TYPES, table_of_resource
from harness.spelling import did_you_mean
from harness.streams.emulation import Emulation
from harness.streams.mapping.intrinsics import Template, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.schema import TableSchema

_GLOBAL_TABLE = "AWS::DynamoDB::GlobalTable"
_UNITS = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """One property that only the deployed stack would know."""

    #: As `Difference.what` names it, such as `BillingMode`.
    what: str
    #: As it stands there: `!If …`.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTable:
    """A table of a template."""

    logical_id: str
    #: None where it isn't told.
    name: str | None
    #: With something harmless in place of what is untold; None where the keys are.
    schema: TableSchema | None
    untold: tuple[Untold, ...] = ()


def declared_tables(path: Path, *, region: str, parameters: Mapping[str, str] | None = None) -> list[DeclaredTable]:
    """Return the tables of a CloudFormation or SAM template; `parameters` go before the parameters' defaults.

    Raises UsageError for a file that is no template or has no table, for a parameter that it hasn't, and for a definition
    that CreateTable would refuse.
    """
    document = _with_parameters(read_document(path), parameters or {})
    template = Template(document=document, region=region, account=Emulation().account)
    found = [
        _declared(template, logical_id)
        for logical_id in template.section("Resources")
        if template.resource(logical_id)[0] in (*TABLE_TYPES, _GLOBAL_TABLE)
    ]
    if not found:
        raise document.wrong(
            f"the template has no resource of type {' or '.join(TABLE_TYPES)}",
            hint="name the template that makes the table; harness template writes one",
        )
    return found


def _with_parameters(document: Document, parameters: Mapping[str, str]) -> Document:
    known = document.data.get("Parameters")
    known = known if isinstance(known, dict) else {}
    data = copy.deepcopy(document.data)
    for name, value in parameters.items():
        if not isinstance(known.get(name), dict):
            hint = did_you_mean(name, known, otherwise=f"it has {', '.join(known) or 'none'}")
            raise UsageError(f"{document.path}: the template has no parameter {name!r}", hint=hint)
        data["Parameters"][name]["Default"] = value
    return replace(document, data=data)


def _declared(template: Template, logical_id: str) -> DeclaredTable:
    kind, raw = template.resource(logical_id)
    if kind == _GLOBAL_TABLE:
        whole = (Untold(what="table", text=f"{_GLOBAL_TABLE}, which is described in another way"),)
        return DeclaredTable(logical_id=logical_id, name=template.name(logical_id), schema=None, untold=whole)
    properties = {key: value for key, value in template.resolve(raw).items() if key not in WITHOUT_EFFECT}
    untold = [*_take_untold(properties), *_conditional(template, logical_id)]
    missing = {each.what for each in untold}
    name = None if "TableName" in missing else template.name(logical_id)
    if missing & {"KeySchema", "AttributeDefinitions", "PrimaryKey"}:
        return DeclaredTable(logical_id=logical_id, name=name, schema=None, untold=tuple(untold))
    if missing & {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"}:
        _keep_used(properties)
    if "ProvisionedThroughput" in missing:
        properties["ProvisionedThroughput"] = _UNITS
    if "BillingMode" in missing and "ProvisionedThroughput" not in properties:
        properties["BillingMode"] = "PAY_PER_REQUEST"
    schema = table_of_resource(template.document, logical_id, kind, properties)
    return DeclaredTable(logical_id=logical_id, name=name, schema=schema, untold=tuple(untold))


def _take_untold(properties: dict[str, Any]) -> list[Untold]:
    """Take out of the resolved properties what isn't known, and return it."""
    untold = []
    for index in properties.get("GlobalSecondaryIndexes") or ():
        if isinstance(index, dict) and (open_ := unknown(index.get("ProvisionedThroughput"))):
            del index["ProvisionedThroughput"]
            untold.append(Untold(what=f"ProvisionedThroughput.{index.get('IndexName')}", text=open_.text))
    for key, value in list(properties.items()):
        if (open_ := unknown(value)) is not None:
            del properties[key]
            untold.append(Untold(what=key, text=open_.text))
    return untold


def _conditional(template: Template, logical_id: str) -> list[Untold]:
    condition = template.section("Resources")[logical_id].get("Condition")
    return [Untold(what="table", text=f"only made where {condition} is true")] if condition else []


def _keep_used(properties: dict[str, Any]) -> None:
    """Forget attributes that only a key of an unknown index has a use for."""
    holders = [properties, *properties.get("GlobalSecondaryIndexes", ()), *properties.get("LocalSecondaryIndexes", ())]
    used = {key["AttributeName"] for holder in holders for key in holder["KeySchema"]}
    defined = properties["AttributeDefinitions"]
    properties["AttributeDefinitions"] = [each for each in defined if each["AttributeName"] in used]
