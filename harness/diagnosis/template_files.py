"""The SAM and CloudFormation templates among a project's files, and the tables that they make."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.project.place import Place
from harness.project.table.declarations import TableShape, shape_of
from harness.schema_files.documents import Document, parse_yaml
from harness.streams.mapping.intrinsics import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.source import Project, Source

_TABLE = "AWS::DynamoDB::Table"
#: Where a stack is imagined to be; names of the template's own resources do not depend on it.
_REGION, _ACCOUNT = "us-east-1", "123456789012"


def templates_of(project: Project) -> Iterator[tuple[Source, Template]]:
    """Yield the templates that can be read."""
    for source in project.with_role("template"):
        data = parsed(source)
        if isinstance(data, dict) and isinstance(data.get("Resources"), dict):
            document = Document(path=Path(source.path), text=source.text, data=data)
            yield source, Template(document=document, region=_REGION, account=_ACCOUNT)


@lru_cache(maxsize=64)
def parsed(source: Source) -> Any:
    """Return a JSON or YAML file as plain data; None where it can't be read."""
    text = source.text.removeprefix("\ufeff")
    try:
        if text.lstrip().startswith(("{", "[")):
            return json.loads(text)
        data = parse_yaml(Path(source.path), text)
        return None if _holds_itself(data, (), set()) else data
    except (UsageError, ValueError, RecursionError):
        return None


def _holds_itself(data: Any, around: tuple[int, ...], done: set[int]) -> bool:
    """Tell whether an alias leads back to what it stands in."""
    if id(data) in around:
        return True
    if not isinstance(data, dict | list) or id(data) in done:
        return False
    done.add(id(data))
    inside = data.values() if isinstance(data, dict) else data
    return any(_holds_itself(each, (*around, id(data)), done) for each in inside)


def template_tables(project: Project) -> tuple[TableShape, ...]:
    """Return the tables that the project's templates make."""
    found = []
    for source, template in templates_of(project):
        for logical_id in template.section("Resources"):
            kind, properties = template.resource(logical_id)
            if kind != _TABLE:
                continue
            shape = shape_of(
                template.resolve(properties), name=template.name(logical_id), place=line_of(source, logical_id)
            )
            found += [shape] if shape is not None else []
    return tuple(found)


def line_of(source: Source, logical_id: str) -> Place:
    """Return where a resource begins in its template."""
    begins = re.compile(rf"\s*[\"']?{re.escape(logical_id)}[\"']?\s*:")
    for number, line in enumerate(source.lines, 1):
        if begins.match(line):
            return Place(path=source.path, line=number)
    return Place(path=source.path)
