"""YAML with its lines: nodes instead of values, so that unknown tags do no harm and every entry has a place."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: libyaml's composer takes a C frame for each level, and ends the process where there are too many.
_DEEPEST = 200


@lru_cache(maxsize=128)
def parsed(text: str) -> yaml.Node | None:
    """Return the first document; None for an empty one and for what is no YAML."""
    try:
        if _is_too_deep(text):
            return None
        return next(iter(yaml.compose_all(text, Loader=_Loader)), None)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _is_too_deep(text: str) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return True
    return False


def entry(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """Return what a mapping has under a key."""
    return next((value for name, value in pairs(node) if name.value == key), None)


def pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """Yield the entries of a mapping, those that `<<` brings in last; nothing of any other node."""
    merged: list[yaml.Node] = []
    for name, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if not isinstance(name, yaml.ScalarNode):
            continue
        if name.value == "<<":
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
        else:
            yield name, value
    for each in merged:
        if each is not node and isinstance(each, yaml.MappingNode):
            yield from ((name, value) for name, value in each.value if isinstance(name, yaml.ScalarNode))


def scalars(node: yaml.Node | None) -> tuple[yaml.ScalarNode, ...]:
    """Return a scalar, or the scalars of a list."""
    every = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return tuple(each for each in every if isinstance(each, yaml.ScalarNode))


def line_of(node: yaml.Node) -> int:
    """Return the line that a node begins in, counted from 1."""
    return int(node.start_mark.line) + 1
