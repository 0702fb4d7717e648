"""Every host and port that the files of a project name: URLs, `host=…`, `-h …`, and the services of its compose files.

`hosts(project)`: what the sandbox leads to the scratch engines, and what checks compare with what runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.project.place import Place
from harness.project.settings.compose_services import compose_services
from harness.project.shell.psql_calls import psql_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.source import Project, Source

Kind = Literal["postgres", "dynamodb", "aws", "http", "service"]

_POSTGRES_PORT, _DYNAMODB_PORT = 5432, 8000
_URL = re.compile(
    r"\b(?P<scheme>postgres(?:ql)?(?:\+\w+)?|https?)://(?:[^\s/@'\"`<>]*@)?"
    r"(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[\w.-]*\w)?)(?::(?P<port>\d{1,5}))?(?=[/?'\"`\s)\],;<>\\]|$)"
)
_HOST_IS = re.compile(
    r"\b(?:host|hostname|PGHOST|POSTGRES_HOST|DB_HOST)\s*[=:]\s*['\"]?(?P<host>[A-Za-z0-9][\w.-]*\w)['\"]?(?P<rest>.*)"
)
_PORT_IS = re.compile(r"\bport\s*[=:]\s*['\"]?(\d{1,5})")
_POSTGRES_SIGNS = re.compile(r"psycopg|postgres|dbname|PGHOST|psql", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host that is named somewhere."""

    name: str
    #: As it is written, or the kind's own; None where neither tells.
    port: int | None
    kind: Kind
    place: Place
    #: `http`, `postgresql`; empty where it is no URL.
    scheme: str = ""


def hosts(project: Project) -> tuple[Host, ...]:
    """Return the hosts by path and line; a name of a compose service counts with its container's ports."""
    found = [host for source in project.sources.values() for host in _in_source(source)]
    found += _in_psql_calls(project)
    return tuple(sorted(dict.fromkeys(found), key=lambda host: (host.place, host.name, host.port or 0)))


def _in_source(source: Source) -> Iterator[Host]:
    if "compose" in source.roles:
        yield from _services(source)
    about_postgres = source.language in {"python", "shell", "dotenv"} and bool(_POSTGRES_SIGNS.search(source.text))
    for number, line in enumerate(source.lines, 1):
        place = Place(path=source.path, line=number)
        if "://" in line:
            yield from (_of_url(found, place) for found in _URL.finditer(line))
        elif about_postgres and (found := _HOST_IS.search(line)):
            port = _PORT_IS.search(line)
            number_of_port = int(port.group(1)) if port else _POSTGRES_PORT
            yield Host(name=found["host"], port=number_of_port, kind="postgres", place=place)


def _of_url(found: re.Match[str], place: Place) -> Host:
    scheme, name = found["scheme"], found["host"].strip("[]")
    port = int(found["port"]) if found["port"] else None
    if scheme.startswith("postgres"):
        return Host(name=name, port=port or _POSTGRES_PORT, kind="postgres", place=place, scheme=scheme)
    if name.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
        return Host(name=name, port=port or (443 if scheme == "https" else 80), kind="aws", place=place, scheme=scheme)
    is_table = port == _DYNAMODB_PORT or "dynamo" in name.lower() or "ddb" in name.lower()
    kind: Kind = "dynamodb" if is_table else "http"
    return Host(name=name, port=port or (443 if scheme == "https" else 80), kind=kind, place=place, scheme=scheme)


def _services(source: Source) -> Iterator[Host]:
    for service in compose_services(source):
        kind: Kind = "service"
        if "dynamodb" in service.image.lower():
            kind = "dynamodb"
        elif "postgres" in service.image.lower():
            kind = "postgres"
        usual = {"dynamodb": _DYNAMODB_PORT, "postgres": _POSTGRES_PORT}.get(kind)
        published: list[int | None] = [*sorted({inside for _, inside in service.ports if inside})]
        for port in published or [usual]:
            yield Host(name=service.name, port=port, kind=kind, place=service.place)


def _in_psql_calls(project: Project) -> Iterator[Host]:
    for call in psql_calls(project):
        if call.host and re.fullmatch(r"[A-Za-z0-9][\w.-]*", call.host):
            yield Host(name=call.host, port=_POSTGRES_PORT, kind="postgres", place=call.place)
