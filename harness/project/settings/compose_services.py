"""The services of a compose file: images, ports, commands and variables, each with its line.

`compose_services(source)`. Nothing is interpolated; `${PORT:-8000}` stays as it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import yaml

from harness.project.place import Place
from harness.project.settings.yaml_nodes import entry, line_of, pairs, parsed, scalars

if TYPE_CHECKING:
    from harness.project.source import Source

_DEFAULT = re.compile(r"\$\{\w+:?-([^}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeVariable:
    """A variable that a service is given."""

    name: str
    #: None where it is handed on from whoever starts it.
    value: str | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeService:
    """One service."""

    name: str
    place: Place
    #: Empty where it is built.
    image: str
    #: As it is written, words joined by blanks.
    command: str
    #: (published, in the container); a port that can't be told is None.
    ports: tuple[tuple[int | None, int | None], ...]
    variables: tuple[ComposeVariable, ...]
    env_files: tuple[str, ...]


@lru_cache(maxsize=64)
def compose_services(source: Source) -> tuple[ComposeService, ...]:
    """Return the services of a compose file; none where it is no YAML."""
    root = parsed(source.text)
    return tuple(_service(name, node, source.path) for name, node in pairs(entry(root, "services")))


def _service(name: yaml.ScalarNode, node: yaml.Node, path: str) -> ComposeService:
    image = scalars(entry(node, "image"))
    return ComposeService(
        name=name.value,
        place=Place(path=path, line=line_of(name)),
        image=image[0].value if image else "",
        command=" ".join(each.value for key in ("entrypoint", "command") for each in scalars(entry(node, key))),
        ports=_ports(entry(node, "ports")),
        variables=_variables(entry(node, "environment"), path),
        env_files=tuple(each.value for each in scalars(entry(node, "env_file"))),
    )


def _ports(node: yaml.Node | None) -> tuple[tuple[int | None, int | None], ...]:
    found = [_port_pair(each.value) for each in scalars(node)]
    for each in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(each, yaml.MappingNode):
            published, target = scalars(entry(each, "published")), scalars(entry(each, "target"))
            found.append((_port(published[0].value) if published else None, _port(target[0].value) if target else None))
    return tuple(found)


def _port_pair(written: str) -> tuple[int | None, int | None]:
    """Return the ports of `5432`, `5432:5432` or `127.0.0.1:5432:5432/tcp`."""
    parts = _DEFAULT.sub(r"\1", written).partition("/")[0].split(":")
    return (_port(parts[-2]) if len(parts) > 1 else None), _port(parts[-1])


def _port(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _variables(node: yaml.Node | None, path: str) -> tuple[ComposeVariable, ...]:
    found = [
        (name.value, value.value if isinstance(value, yaml.ScalarNode) and value.value else None, name)
        for name, value in pairs(node)
    ]
    if isinstance(node, yaml.SequenceNode):
        for each in scalars(node):
            name, equals, value = each.value.partition("=")
            found.append((name, value if equals else None, each))
    return tuple(
        ComposeVariable(name=name, value=value, place=Place(path=path, line=line_of(at))) for name, value, at in found
    )
