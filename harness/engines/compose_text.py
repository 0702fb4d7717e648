"""What a compose file is as text: variables to replace, and the line of every key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import yaml

_VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>\w+)|\{(?P<name>\w+)(?:(?P<operator>:?-)(?P<default>[^}]*))?\}|(?P<bad>))"
)


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME:-default}` and `$$` as Compose does, else ValueError."""

    def replace(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name = match["plain"] or match["name"]
        if name is None:
            raise ValueError(
                f"`{text}` is not understood: write $$ for a dollar sign, ${{NAME}}, ${{NAME-default}} or ${{NAME:-default}}"
            )
        found = variables.get(name)
        if found is None or (match["operator"] == ":-" and not found):
            return match["default"] or ""
        return found

    return _VARIABLE.sub(replace, text)


def key_lines(node: yaml.Node | None, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    """Line of every key, by its path."""
    import yaml  # noqa: PLC0415 - only the docker engine pays for it

    found: dict[tuple[str, ...], int] = {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            found[here] = key.start_mark.line + 1
            found |= key_lines(value, here)
    return found
