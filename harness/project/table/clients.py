"""The clients of DynamoDB that Python files make: which endpoint, region and key they name."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from harness.project.place import Place
from harness.project.python.expressions import evaluate
from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.python.scopes import Scopes
    from harness.project.source import Source

_LOCAL = re.compile(r"https?://(?P<host>localhost|127\.0\.0\.1|\[::1\]|[\w-]+)(?::(?P<port>\d+))?(?:/|$)")


@dataclass(frozen=True, kw_only=True)
class TableClient:
    """One `boto3.client("dynamodb", …)`."""

    place: Place
    #: Literals; None where none is given, or where it can't be told.
    endpoint: str | None
    region: str | None
    profile: str | None
    #: Whether an endpoint may be given: by a keyword, by `**attrs` of a file that speaks of endpoints.
    has_endpoint: bool

    @property
    def local_port(self) -> int | None:
        """The port, where the endpoint is one on this machine or a service of a compose file."""
        found = _LOCAL.match(self.endpoint) if self.endpoint is not None else None
        return int(found["port"] or 80) if found is not None else None


def table_clients(source: Source) -> tuple[TableClient, ...]:
    """Return the clients of a file, by line."""
    if source.language != "python" or "dynamodb" not in source.text:
        return ()
    scopes = scopes_of(source)
    found = list(_clients(source, scopes)) if scopes is not None else []
    return tuple(sorted(found, key=lambda each: each.place))


def _clients(source: Source, scopes: Scopes) -> Iterator[TableClient]:
    default = next((_profile(node) for node in scopes.nodes if _sets_default_session(node)), None)
    for node in scopes.nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr="client" | "resource", value=maker)) if _names_dynamodb(node):
                pass
            case _:
                continue
        given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        is_spread = any(keyword.arg is None for keyword in node.keywords)
        endpoint = _given("endpoint_url", given, source, scopes, is_spread=is_spread)
        region = _given("region_name", given, source, scopes, is_spread=is_spread)
        profile = _profile(maker) if isinstance(maker, ast.Call) else default
        yield TableClient(
            place=Place(path=source.path, line=node.lineno),
            endpoint=endpoint,
            region=region,
            profile=_text(evaluate(profile, scopes)) if profile is not None else None,
            has_endpoint="endpoint_url" in given or "endpoint" in source.text.lower(),
        )


def _sets_default_session(node: ast.AST) -> TypeGuard[ast.Call]:
    match node:
        case ast.Call(func=ast.Attribute(attr="setup_default_session") | ast.Name(id="setup_default_session")):
            return True
    return False


def _profile(call: ast.Call) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == "profile_name"), None)


def _given(name: str, given: dict[str, ast.expr], source: Source, scopes: Scopes, *, is_spread: bool) -> str | None:
    """Return the literal for a keyword; for `**attrs`, the one that the file has under this name."""
    if name in given:
        return _text(evaluate(given[name], scopes))
    written = set(re.findall(rf"""^[^#\n]*['"]?{name}['"]?\]?\s*[:=]\s*['"]([^'"]+)['"]""", source.text, re.MULTILINE))
    return written.pop() if is_spread and len(written) == 1 else None


def _names_dynamodb(node: ast.Call) -> bool:
    named = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "service_name")]
    return any(isinstance(each, ast.Constant) and each.value == "dynamodb" for each in named)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.isprintable() and "\ue000" not in value else None
