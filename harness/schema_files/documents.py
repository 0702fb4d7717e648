"""JSON and YAML files as plain data, with the place of whatever is wrong in them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from harness.errors import EnvironmentFailure, UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file that was parsed, and its text to find places in."""

    path: Path
    text: str
    data: dict[str, Any]

    def wrong(self, message: str, *, near: str | None = None, hint: str) -> UsageError:
        """Return the error to raise, with the line and column where the word `near` first stands."""
        found = re.search(rf"(?<![\w-]){re.escape(near)}(?![\w-])", self.text) if near else None
        where = f"{self.path}:{place(self.text, found.start())}" if found else str(self.path)
        return UsageError(f"{where}: {message}", hint=hint)

    def refuse_unknown(self, found: object, known: Collection[str], what: str) -> None:
        """Raise for the first key that AWS doesn't know, with what was probably meant."""
        if not isinstance(found, dict):
            raise self.wrong(f"{what} is {found!r}, not an object of keys and values", hint=f"correct {self.path.name}")
        for key in found:
            if key not in known:
                hint = did_you_mean(key, known, otherwise=f"known are {', '.join(sorted(known))}")
                raise self.wrong(f"{what} has no key {key!r}", near=key, hint=hint)


def place(text: str, position: int) -> str:
    """`line:column`, both from 1, of a position in a text."""
    return f"{text.count(chr(10), 0, position) + 1}:{position - text.rfind(chr(10), 0, position)}"


def read_text(path: Path) -> str:
    """Read a text file in UTF-8; one that can't be read is an error that names it."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path}: not UTF-8 text (byte {exc.start})", hint="save the file as UTF-8") from exc
    except OSError as exc:
        raise EnvironmentFailure(f"{path}: can't be read: {exc.strerror}", hint=f"ls -l {path}") from exc


def read_document(path: Path) -> Document:
    """Read a file whose root is an object: JSON by its suffix, else YAML."""
    text = read_text(path)
    data = _parse_json(path, text) if path.suffix == ".json" else parse_yaml(path, text)
    if not isinstance(data, dict):
        raise UsageError(
            f"{path}: holds {type(data).__name__}, not an object of keys and values",
            hint="see seeds/schema/dynamodb/cruddur-messages.json for the shape",
        )
    return Document(path=path, text=text, data=data)


def _parse_json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as exc:
        raise UsageError(
            f"{path}:{exc.lineno}:{exc.colno}: broken JSON: {exc.msg}", hint=f"python3 -m json.tool {path}"
        ) from exc


class _TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags: `!Ref X` becomes {"Ref": X}, `!Sub X` {"Fn::Sub": X}."""


def _short_tag(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_TemplateLoader.add_multi_constructor("!", _short_tag)


def parse_yaml(path: Path, text: str) -> Any:
    """Read a YAML text that stands in `path`, with CloudFormation's tags; what is wrong is told with its place."""
    try:
        return yaml.load(text, Loader=_TemplateLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise UsageError(f"{path}{where}: broken YAML: {exc.problem}", hint=f"correct {path.name}") from exc
    except yaml.YAMLError as exc:
        raise UsageError(f"{path}: broken YAML: {exc}", hint=f"correct {path.name}") from exc
