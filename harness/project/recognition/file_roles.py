"""What a file that is no Python is for: SQL, shell scripts, settings, templates."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from harness.project.shell.psql_calls import psql_calls_of
from harness.project.shell.text import Command, commands
from harness.project.sql.text import insert_of, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.roles import Role
    from harness.project.source import Project, Source
    from harness.project.sql.text import Statement

_SEED_NAME = re.compile(r"seed|mock|data|populate|fixture|insert|users|activities", re.IGNORECASE)
_COMPOSE_NAME = re.compile(r"(^|/)[^/]*compose[^/]*\.ya?ml$", re.IGNORECASE)
_SETTINGS_NAME = re.compile(r"(^|/)(\.gitpod\.ya?ml|\.?devcontainer\.json|\.env\.[^/]*|\.devcontainer/[^/]*\.json)$")
_TEMPLATE = re.compile(
    r"^['\"]?AWSTemplateFormatVersion|^['\"]?Transform['\"]?:.*Serverless|^[ \t]+['\"]?Type['\"]?:\s*['\"]?AWS::",
    re.MULTILINE,
)
_DATABASE_PROGRAMS = frozenset(
    {"psql", "createdb", "dropdb", "createuser", "dropuser", "pg_dump", "pg_restore", "pg_isready"}
)


def file_roles(source: Source, project: Project) -> frozenset[Role]:
    """Return the roles of a file by its language."""
    name = PurePosixPath(source.path).name.lower()
    found: set[Role] = set()
    match source.language:
        case "sql":
            found |= set(_sql(source, project))
        case "shell":
            found |= set(_shell(source, project))
        case "yaml":
            found |= set(_yaml(source))
        case "json":
            found |= set(_json(source))
        case "dotenv":
            found.add("environment")
    if _SETTINGS_NAME.search(source.path):
        found.add("environment")
    if re.fullmatch(r".*requirements.*\.(txt|in)|requirements", name):
        found.add("requirements")
    return frozenset(found)


def _sql(source: Source, project: Project) -> Iterator[Role]:  # noqa: ARG001 - as the others
    all_of_it = statements(source.text)
    if any(each.kind == "CREATE TABLE" for each in all_of_it):
        yield "sql-schema"
    writes = [each for each in all_of_it if each.kind in {"INSERT", "COPY"}]
    if any(map(_has_placeholder, all_of_it)) or (not writes and all_of_it and _only_asks(all_of_it)):
        yield "sql-query"
    elif writes and (_SEED_NAME.search(source.path) or any(map(_fills_the_application, writes))):
        yield "sql-seed"


def _has_placeholder(statement: Statement) -> bool:
    return any(each.kind == "placeholder" for each in statement.tokens)


def _only_asks(some: tuple[Statement, ...]) -> bool:
    return all(each.kind in {"SELECT", "WITH", "UPDATE", "DELETE", "("} for each in some)


def _fills_the_application(statement: Statement) -> bool:
    insert = insert_of(statement)
    return statement.kind == "COPY" or (insert is not None and (bool(insert.rows) or bool(insert.rest)))


def _shell(source: Source, project: Project) -> Iterator[Role]:
    calls = psql_calls_of(source, project)
    if any(call.named_files for call in calls):
        yield "db-seed-tool"
    everything = commands(source.text)
    if any(each.name in _DATABASE_PROGRAMS for each in everything) and not any(call.named_files for call in calls):
        yield "db-tool"
    yield from {role for each in everything for role in _of_aws(each, source)}


def _of_aws(command: Command, source: Source) -> Iterator[Role]:
    """Tell what a call of the AWS command line is for."""
    words = (
        [word for word in command.words[1:] if not word.startswith("-")] if command.name in {"aws", "awslocal"} else []
    )
    if "cognito-idp" in words:
        yield "users-tool"
    if "dynamodb" not in words:
        return
    if "create-table" in words:
        yield "table-schema"
    elif {"put-item", "batch-write-item", "transact-write-items"}.intersection(words):
        yield "table-seed" if re.search(r"seed|MSG#|GRP#", source.path + source.text) else "table-tool"
    elif "query" in words and re.search(r"MSG#|GRP#", source.text):
        yield "pattern-messages" if "MSG#" in source.text else "pattern-groups"
    else:
        yield "table-tool"


def _yaml(source: Source) -> Iterator[Role]:
    if _TEMPLATE.search(source.text):
        yield "template"
    elif re.search(r"^['\"]?services['\"]?:", source.text, re.MULTILINE) and (
        _COMPOSE_NAME.search(source.path) or re.search(r"^[ \t]+(image|build):", source.text, re.MULTILINE)
    ):
        yield "compose"
    elif re.search(r"^['\"]?KeySchema['\"]?:", source.text, re.MULTILINE):
        yield "table-schema"


def _json(source: Source) -> Iterator[Role]:
    try:
        data: Any = json.loads(source.text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return
    if "KeySchema" in data and "AttributeDefinitions" in data and "TableArn" not in data:
        yield "table-schema"
    if "Statement" in data or (isinstance(data.get("PolicyDocument"), dict) and "Statement" in data["PolicyDocument"]):
        yield "policy"
    resources = data.get("Resources")
    if isinstance(resources, dict) and any(map(_is_resource, resources.values())):
        yield "template"


def _is_resource(data: Any) -> bool:
    return isinstance(data, dict) and str(data.get("Type")).startswith("AWS::")
