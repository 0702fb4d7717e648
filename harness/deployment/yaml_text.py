"""A template as YAML that people read: short tags, no reordering, a comment above what needs one."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WIDTH = 116
#: CloudFormation's functions with one scalar argument, as the tags that YAML has for them.
_TAGS = {"Ref": "!Ref", "Fn::Sub": "!Sub", "Fn::GetAtt": "!GetAtt"}


class _Writer(yaml.SafeDumper):
    """Indents lists, repeats instead of aliasing, and leaves quotes away from `!Ref Name`."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's
        return True

    def choose_scalar_style(self) -> Any:
        style = super().choose_scalar_style()
        tagged = str(getattr(self.event, "tag", "")).startswith("!")
        bare = self.analysis is not None and self.analysis.allow_block_plain and not self.analysis.multiline
        return "" if tagged and style == "'" and bare else style


def _mapping(writer: _Writer, data: dict[Any, Any]) -> yaml.Node:
    if len(data) == 1:
        [(function, argument)] = data.items()
        if function in _TAGS and isinstance(argument, str):
            return writer.represent_scalar(_TAGS[function], argument)
    return writer.represent_mapping("tag:yaml.org,2002:map", data)


_Writer.add_representer(dict, _mapping)


def template_text(template: Mapping[str, Any], *, heading: Iterable[str], comments: Mapping[str, str]) -> str:
    """Return the template, with comment lines at its head and above the resources that have a comment."""
    parts = ["".join(f"# {line}".rstrip() + "\n" for line in heading)]
    for section, content in template.items():
        if section == "Resources":
            each = (_resource(name, resource, comments.get(name)) for name, resource in content.items())
            parts.append("\nResources:\n" + "\n".join(each))
        else:
            parts.append(("\n" if isinstance(content, dict) else "") + _dumped({section: content}))
    return "".join(parts)


def _resource(name: str, resource: Any, comment: str | None) -> str:
    lines = "".join(f"# {line}\n" for line in comment.splitlines()) if comment else ""
    text = lines + _dumped({name: resource})
    return textwrap.indent(text, "  ")


def _dumped(data: Any) -> str:
    return str(yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=_WIDTH))
