"""A table like the project's for the trials of its stream handler; the family's where the project has none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.rehearsal.surroundings import TABLE
from harness.rehearsal.trial_events import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.held import Held, Table
    from harness.project.source import Project
    from harness.stores.dynamodb_wire import Wire
    from harness.streams.simulation.records import ViewType

_GROUP = "message_group_uuid"
_KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
_FAMILY: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in (_GROUP, "pk", "sk")],
    "KeySchema": _KEYS,
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "message-group-sk-index",
            "KeySchema": [{"AttributeName": _GROUP, "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}
_MESSAGE = "MSG#"
_VIEW_TYPE = re.compile(r"\bStreamViewType[\"']?\s*:\s*[\"']?(\w+)")
_VIEW_TYPES: tuple[ViewType, ...] = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES", "OLD_IMAGE", "KEYS_ONLY")


def shape_of(project: Project, held: Held) -> tuple[Shape, Mapping[str, Any]]:
    """Return how the items look, and the description of the table, as far as the project's own table tells."""
    table = _table_of_messages(held)
    if table is None:
        return Shape(table=TABLE), _FAMILY
    keys = {each["KeyType"]: each["AttributeName"] for each in table.description["KeySchema"]}
    sk = keys.get("RANGE", "sk")
    written = [item.get(sk, {}).get("S", "") for item in table.items if _is_message(item, keys["HASH"])]
    shape = Shape(
        table=table.name,
        pk=keys["HASH"],
        sk=sk,
        view_type=_view_type(project, table.description),
        aware=not written or any(mark in written[-1][10:] for mark in "+-Z"),
    )
    return shape, table.description


def make_table(wire: Wire, name: str, description: Mapping[str, Any]) -> None:
    """Make a table that differs from the described one in nothing that a handler sees."""
    parameters: dict[str, Any] = {
        "TableName": name,
        "AttributeDefinitions": description["AttributeDefinitions"],
        "KeySchema": description["KeySchema"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if indexes := description.get(kind):
            kept = ("IndexName", "KeySchema", "Projection")
            parameters[kind] = [{part: index[part] for part in kept} for index in indexes]
    wire.call("CreateTable", parameters)


def _table_of_messages(held: Held) -> Table | None:
    """Return the table that holds conversations: the one with an index by group, or with messages, or the only one."""
    tables = [*held.tables.values()]

    def likeness(table: Table) -> tuple[bool, bool]:
        attributes = {each["AttributeName"] for each in table.description.get("AttributeDefinitions", ())}
        return _GROUP in attributes, any(_is_message(item, "pk") for item in table.items)

    return max(tables, key=likeness, default=None)


def _is_message(item: Mapping[str, Mapping[str, Any]], pk: str) -> bool:
    return str(item.get(pk, {}).get("S", "")).startswith(_MESSAGE)


def _view_type(project: Project, description: Mapping[str, Any]) -> ViewType:
    """Return what the stream of the table holds, or of the project's templates; else what the family's does."""
    said = description.get("StreamSpecification", {}).get("StreamViewType")
    told = [said, *(name for source in project.with_role("template") for name in _VIEW_TYPE.findall(source.text))]
    return next((known for name in told for known in _VIEW_TYPES if known == name), "NEW_IMAGE")
