"""A file of a mapping or a template as plain data: JSON, TOML or YAML, with the place of whatever is wrong in it."""

from __future__ import annotations

import json
from datetime import date, time
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from harness.config_file import parse_toml
from harness.errors import UsageError
from harness.schema_files.documents import Document, parse_yaml, place, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HINT = "write an object in the shape of CreateEventSourceMapping's request, or a SAM or CloudFormation template"


def read_file(path: Path) -> Document:
    """Read a file whose root is an object: TOML by its suffix, JSON by its first character, else YAML.

    A byte order mark is passed over; keys that stand twice in one object, and numbers that JSON has not got, are refused.
    """
    text = read_text(path).removeprefix("\ufeff")
    if not text.strip():
        raise UsageError(f"{path}: is empty", hint=_HINT)
    try:
        data = _plain(_parsed(path, text))
    except RecursionError as exc:
        raise UsageError(f"{path}: is nested too deep, or an alias in it holds itself", hint=_HINT) from exc
    if not isinstance(data, dict):
        kind = "a list" if isinstance(data, list) else repr(data)[:60]
        raise UsageError(f"{path}: holds {kind}, not an object of keys and values", hint=_HINT)
    return Document(path=path, text=text, data=data)


def _parsed(path: Path, text: str) -> Any:
    if path.suffix == ".toml":
        return parse_toml(path, text)
    if path.suffix == ".json" or text.lstrip().startswith(("{", "[")):
        return _json(path, text)
    _refuse_repeated(path, text)
    return parse_yaml(path, text)


def _json(path: Path, text: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                at = place(text, max(text.rfind(json.dumps(key)), 0))
                raise UsageError(f"{path}:{at}: {key!r} stands twice in one object", hint="keep one of them")
            found[key] = value
        return found

    def refuse(constant: str) -> NoReturn:
        at = place(text, text.find(constant))
        raise UsageError(f"{path}:{at}: {constant} is no number of JSON", hint="write a number")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as exc:
        at = f"{path}:{exc.lineno}:{exc.colno}"
        raise UsageError(f"{at}: broken JSON: {exc.msg}", hint=f"python3 -m json.tool {path}") from exc


def _refuse_repeated(path: Path, text: str) -> None:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return  # told better by who reads it
    for key in _repeated(root, set()):
        at = f"{path}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
        raise UsageError(f"{at}: {key.value!r} stands twice in one object", hint="keep one of them")


def _repeated(node: yaml.Node | None, visited: set[int]) -> Iterator[yaml.Node]:
    """Yield the keys that stand in their object already."""
    if node is None or id(node) in visited or isinstance(node, yaml.ScalarNode):
        return
    visited.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _repeated(entry, visited)
        return
    seen: set[str] = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                yield key
            seen.add(key.value)
        yield from _repeated(value, visited)


def _plain(value: Any) -> Any:
    """Return it with texts for keys, and for the dates that YAML and TOML make of what looks like one."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date | time) else value
