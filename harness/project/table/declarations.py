"""The shape of a DynamoDB table, wherever it is told: by code, by a template, or by the table itself."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.project.python.scopes import scopes_of
from harness.project.table.requests import requests_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.project.place import Place
    from harness.project.source import Project, Source
    from harness.project.table.requests import TableRequest

#: KEYS_ONLY and INCLUDE leave attributes out.
Projected = frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A secondary index."""

    name: str
    #: HASH first, then RANGE where there is one.
    keys: tuple[str, ...]
    local: bool = False
    #: Attributes that it carries besides keys; None where it carries all.
    projected: Projected = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """Keys and indexes of a table."""

    name: str
    keys: tuple[str, ...]
    #: Types by attribute, as defined.
    types: Mapping[str, str]
    indexes: tuple[Index, ...]
    #: StreamViewType; None without a stream.
    stream: str | None
    #: Where it is declared; None where only the table itself tells.
    place: Place | None = None

    def index(self, name: str) -> Index | None:
        """Return the index of a name."""
        return next((each for each in self.indexes if each.name == name), None)


def declared_tables(project: Project) -> tuple[TableShape, ...]:
    """Return the tables that the project's scripts create, where all of the shape can be told."""
    found = []
    for source in project.with_role("table-schema", "table-tool", "setup", "table-seed"):
        for request in requests_of(source):
            if (
                request.operation == "CreateTable"
                and request.complete
                and (name := request.table or _default(request, source, project))
            ):
                shape = shape_of(request.parameters, name=name, place=request.place)
                found += [shape] if shape is not None else []
    return tuple(found)


def _default(request: TableRequest, source: Source, project: Project) -> str:
    """Return the name that stands beside a variable, as in `os.getenv("TABLE", "messages")`, where nothing sets that."""
    scopes = scopes_of(source)
    keywords = request.node.keywords if isinstance(request.node, ast.Call) else ()
    value = next((each.value for each in keywords if each.arg == "TableName"), None)
    if scopes is not None and isinstance(value, ast.Name):
        value = scopes.assigned_to(value)
    match value:
        case ast.Call(
            func=ast.Attribute(attr="getenv" | "get"),
            args=[ast.Constant(value=str(variable)), ast.Constant(value=str(name))],
        ):
            is_set = re.compile(rf"\b{re.escape(variable)}\b[\"']?\s*[=:\w]")
            others = (each.text for each in project.sources.values() if each.language != "python")
            return "" if any(map(is_set.search, others)) else name
    return ""


def shape_of(description: Mapping[Any, Any], *, name: str, place: Place | None = None) -> TableShape | None:
    """Read what CreateTable takes and DescribeTable gives; None where it isn't that."""
    keys = _keys(description.get("KeySchema"))
    definitions = description.get("AttributeDefinitions")
    local, others = description.get("LocalSecondaryIndexes"), description.get("GlobalSecondaryIndexes")
    if not keys or not isinstance(definitions, list):
        return None
    indexes = [*_indexes(others, local=False), *_indexes(local, local=True)]
    if any(index is None for index in indexes):
        return None
    stream = description.get("StreamSpecification")
    return TableShape(
        name=name,
        keys=keys,
        types={str(each.get("AttributeName")): str(each.get("AttributeType")) for each in _objects(definitions)},
        indexes=tuple(index for index in indexes if index is not None),
        stream=_view_type(stream),
        place=place,
    )


def _view_type(stream: Any) -> str | None:
    if not isinstance(stream, dict) or stream.get("StreamEnabled") is False:
        return None
    return str(stream["StreamViewType"]) if "StreamViewType" in stream else None


def _indexes(entries: Any, *, local: bool) -> list[Index | None]:
    if entries is None:
        return []
    return [_index(entry, local=local) for entry in entries] if isinstance(entries, list | tuple) else [None]


def _index(entry: Any, *, local: bool) -> Index | None:
    if not isinstance(entry, dict):
        return None
    name, keys, projection = entry.get("IndexName"), _keys(entry.get("KeySchema")), entry.get("Projection")
    if not isinstance(name, str) or not keys:
        return None
    return Index(name=name, keys=keys, local=local, projected=_projected(projection))


def _projected(projection: Any) -> Projected:
    if not isinstance(projection, dict) or projection.get("ProjectionType") not in {"KEYS_ONLY", "INCLUDE"}:
        return None
    more = projection.get("NonKeyAttributes")
    return frozenset(str(each) for each in more) if isinstance(more, list) else frozenset()


def _keys(schema: Any) -> tuple[str, ...]:
    entries = _objects(schema)
    by_type = {str(each.get("KeyType")): each.get("AttributeName") for each in entries}
    names = [by_type.get("HASH"), *([by_type["RANGE"]] if "RANGE" in by_type else [])]
    return tuple(str(name) for name in names) if all(isinstance(name, str) for name in names) else ()


def _objects(value: Any) -> list[dict[Any, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []
