"""What a Python file is for, by what it calls and spells out; its path decides only where that is not enough."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.project.python.outline import Outline, outline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.roles import Role
    from harness.project.source import Source

_PUTS = frozenset({"put_item", "batch_write_item", "transact_write_items", "batch_writer", "transact_write"})
_READS = frozenset({"query", "scan", "execute_statement", "get_paginator", "get_item", "batch_get_item"})
_DEEDS = _PUTS | _READS | {"create_table", "delete_table", "list_tables"}
#: Scripts that take their client from a module beside them don't speak of DynamoDB itself.
_SIGNS_OF_TABLE = ("dynamodb", "ddb", "keyconditionexpression", "keyschema", "batch_writer", "msg#", "grp#")
_CONNECTS = re.compile(r"connect|create_pool|create_engine|\w*ConnectionPool")
_DRIVERS = ("psycopg", "psycopg2", "psycopg_pool", "pg8000", "asyncpg", "sqlalchemy")
_COGNITO = frozenset({"list_users", "admin_get_user", "list_users_in_group"})

_TOOL_FOLDERS = frozenset({"bin", "script", "scripts", "tools", "tool"})
_APPLICATION_FOLDERS = frozenset({"services", "service", "routes", "route", "controllers", "blueprints", "api"})

_LIBRARY_FUNCTION = re.compile(
    r"(list|get|fetch|query|create|new|add|put|send|save|read)_?(messages?|conversations?|message_?groups?|groups?)$",
    re.IGNORECASE,
)
_SEED_NAME = re.compile(r"seed|load|populate|mock|fixture|fill|sample|dummy", re.IGNORECASE)
_ONE_CONVERSATION = re.compile(
    r"(get|show|read|view)[-_]?(conversation|messages?)|list[-_]?messages?(?![-_]?group)", re.IGNORECASE
)
_ALL_CONVERSATIONS = re.compile(
    r"list[-_]?(conversation|groups?|message[-_]?groups?)|(get|show)[-_]?conversations", re.IGNORECASE
)
_LIKE_PREFIXES: dict[Role, re.Pattern[str]] = {
    "pattern-messages": re.compile(r"\bms?g?s?[#:-]", re.IGNORECASE),
    "pattern-groups": re.compile(r"\bgr?p?s?[#:-]", re.IGNORECASE),
}


def python_roles(source: Source) -> frozenset[Role]:
    """Return the roles of a Python file, as far as it tells them by itself."""
    file = _File(source)
    return frozenset(file.handler_roles() or file.library_roles() or file.program_roles())


@dataclass
class _File:
    source: Source

    @cached_property
    def outline(self) -> Outline:
        return outline(self.source)

    @cached_property
    def stem(self) -> str:
        return PurePosixPath(self.source.path).stem

    @cached_property
    def folders(self) -> frozenset[str]:
        return frozenset(PurePosixPath(self.source.path).parts[:-1])

    @cached_property
    def is_tool(self) -> bool:
        """Whether it lies where programs lie, or has no ending, like one."""
        return bool(self.folders & _TOOL_FOLDERS) or not self.source.path.endswith((".py", ".pyw"))

    @cached_property
    def on_table(self) -> bool:
        """Whether it has to do with DynamoDB."""
        text = self.source.text.lower()
        return any(sign in text for sign in _SIGNS_OF_TABLE)

    def handler_roles(self) -> set[Role]:
        """Lambda functions: of a table's stream, or of anything else."""
        if not any(_is_handler(name, given) for name, given in self.outline.functions) or "Flask" in self.outline.calls:
            return set()
        of_stream = self.outline.mentions("Records") and (
            self.outline.mentions("dynamodb", "NewImage", "OldImage") or "stream" in self.source.path.lower()
        )
        from_elsewhere = self.outline.mentions("s3", "Sns", "body") and not self.outline.mentions(
            "NewImage", "OldImage", "Keys"
        )
        return {"stream-handler"} if of_stream and not from_elsewhere else {"lambda"}

    def library_roles(self) -> set[Role]:
        """Files that others import; those of the application itself."""
        found: set[Role] = set()
        if self.outline.calls & {"Flask", "Blueprint", "FastAPI", "route"}:
            found.add("application")
        if self.is_tool:
            return found
        if self._defines_patterns():
            found.add("table-library")
        if self._connects() and not found and (self.outline.functions or self.outline.classes or self.stem == "db"):
            found.add("db-library")
        if self.folders & _APPLICATION_FOLDERS and not _acts(self.source):
            found.add("application")
        return found

    def program_roles(self) -> set[Role]:
        """Files that are started, which a part of a package that imports its neighbours can't be."""
        if not self.is_tool and any(isinstance(node, ast.ImportFrom) and node.level for node in self.source.nodes):
            return set()
        found = set(self._on_table()) if self.on_table else set()
        if (self.outline.calls & _COGNITO and "cognito" in self.source.text) or (
            self.is_tool and "cognito" in self.source.path and "cognito" in self.source.text
        ):
            found.add("users-tool")
        if self.is_tool and not found and (self._connects() or "db" in self.folders):
            found.add("db-tool")
        return found

    def _on_table(self) -> Iterator[Role]:
        calls = self.outline.calls
        if "create_table" in calls and ("KeySchema" in self.source.text or "boto3" in self.source.text):
            yield "table-schema"
        if not (self.is_tool or _acts(self.source)):
            return
        if calls & _PUTS:
            yield "table-seed" if self._is_seed() else "table-tool"
        elif patterns := self._patterns():
            yield from patterns
        elif "create_table" not in calls:
            yield "table-tool"

    def _is_seed(self) -> bool:
        return bool(_SEED_NAME.search(self.stem)) or self.outline.mentions("MSG#", "GRP#", "Person 1")

    def _patterns(self) -> set[Role]:
        """Scripts that show one conversation, or all of them."""
        calls = self.outline.calls
        library = {"list_messages", "list_message_groups"} & calls
        if not (calls & _READS or library):
            return set()
        if _ALL_CONVERSATIONS.search(self.stem):
            return {"pattern-groups"}
        if _ONE_CONVERSATION.search(self.stem):
            return {"pattern-messages"}
        by_pages = "get_paginator" in calls and self.outline.mentions("query")
        if not (by_pages or library or calls & {"query", "execute_statement"}):
            return set()
        found: set[Role] = set()
        if self.outline.mentions("MSG#") or "list_messages" in calls:
            found.add("pattern-messages")
        if self.outline.mentions("GRP#") or "list_message_groups" in calls:
            found.add("pattern-groups")
        if not found and "patterns" in self.folders:
            # Its prefix may be the very thing that is wrong with it.
            found |= {role for role, prefix in _LIKE_PREFIXES.items() if prefix.search(self.source.text)}
        return found

    def _defines_patterns(self) -> bool:
        operations = self.outline.calls & (_PUTS | {"query"})
        if not operations or not self.on_table:
            return False
        names = {name for name in self.outline.names if _LIBRARY_FUNCTION.search(name)}
        named = self.stem.lower() in {"ddb", "dynamodb", "dynamo", "dynamo_db"}
        return (len(names) > 1 or (named and bool(self.outline.functions))) and not _acts(self.source)

    def _connects(self) -> bool:
        imported = {name.partition(".")[0] for name in self.outline.imports}
        return bool(imported.intersection(_DRIVERS)) and any(_CONNECTS.fullmatch(call) for call in self.outline.calls)


def _is_handler(name: str, given: tuple[str, ...]) -> bool:
    """Whether it takes what Lambda hands a function. A missing `context` is a fault of the function, not another kind."""
    first = given[0].strip("_").lower() if given else ""
    second = given[1].lower() if len(given) == 2 else ""  # noqa: PLR2004
    takes_context = "cont" in second or "ctx" in second or (second != "" and not second.strip("_"))
    return (first in {"event", "evt"} and (takes_context or "handler" in name)) or name == "lambda_handler"


def _acts(source: Source) -> bool:
    """Whether it does something when it is started, besides defining things and setting itself up."""
    if source.tree is None:
        return bool(
            re.search(r"^(?:for|while|with)\b|^if __name__|^(?:response|result)\w* = ", source.text, re.MULTILINE)
        )
    own = {each.name for each in source.tree.body if isinstance(each, ast.FunctionDef)}
    return any(_is_deed(each, own) for each in source.tree.body)


def _is_deed(node: ast.stmt, own: set[str]) -> bool:
    """Tell loops, calls of the table and calls of the file's own functions from what a module does to set itself up."""
    match node:
        case ast.For() | ast.While() | ast.With():
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in own
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name in _DEEDS
        case ast.Assign(value=ast.Call(func=ast.Attribute(attr=name))):
            return name in _DEEDS
    return False
