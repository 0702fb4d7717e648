"""harness.toml, or `[tool.harness]` in pyproject.toml: found, read, and checked key by key."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

Kind = str

#: Every key that may stand in the file, and what it must be.
KEYS: dict[str, Kind] = {
    "engine": "text",
    "compose": "text",
    "plan": "text",
    "scenarios": "texts",
    "target": "text",
    "scenarios.files": "texts",
    "scenarios.target": "text",
    "table": "text",
    "region": "text",
    "start_timeout": "seconds",
    "schema.dynamodb": "texts",
    "schema.postgres": "texts",
    "ports.dynamodb": "port",
    "ports.postgres": "port",
    "external.dynamodb_url": "text",
    "external.postgres_dsn": "text",
    "handlers": "handlers",
    "doctor": "parts",
    "prices.read": "price",
    "prices.write": "price",
    "prices.region": "text",
    "prices.as_of": "text",
}
#: The same for `[handlers.NAME]`; a text alone is its `handler`.
HANDLER_KEYS: dict[str, Kind] = {
    "handler": "text",
    "mapping": "text",
    "timeout": "timeout",
    "memory": "memory",
    "environment": "environment",
    "isolation": "isolation",
    "confined": "flag",
    "endpoints": "urls",
}
_SECTIONS = {key.split(".")[0] for key in KEYS if "." in key}
#: Said either way: `scenarios = […]` and `target = "…"`, or both in a table [scenarios].
_SHORT = {"scenarios": "scenarios.files", "target": "scenarios.target"}
_KIND_IN_WORDS = {
    "text": "a text in quotes",
    "texts": "a text or a list of texts",
    "seconds": "a number of seconds above 0",
    "port": "a whole number from 1 to 65535",
    "price": "US dollars for a million request units, 0 or more, such as 0.125",
    "handlers": 'a table such as [handlers] name = "path/to/file.py:function"',
    "parts": 'a table such as [doctor] table-seed = "bin/ddb/seed"',
    "handler": '"path/to/file.py:function", or a table with the keys ' + ", ".join(HANDLER_KEYS),
    "timeout": "a whole number of seconds from 1 to 900",
    "memory": "a whole number of MB from 128 to 10240",
    "environment": 'a table of texts, such as { TABLE_NAME = "messages" }',
    "isolation": '"process" or "none"',
    "flag": "true or false",
    "urls": 'a table of URLs by service, such as { sqs = "http://127.0.0.1:4566" }',
}
_RANGES = {"port": (1, 65535), "timeout": (1, 900), "memory": (128, 10240)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """What a project's file says, by dotted key; only keys of KEYS, each of the right kind."""

    #: The file, or None where a project has none.
    path: Path | None
    #: The folder it lies in.
    project: Path
    values: dict[str, Any]


def find_config_file(start: Path) -> ConfigFile:
    """Look in `start` and the folders above it; without a file, `start` is the project and nothing is set."""
    for folder in (start, *start.parents):
        own = folder / "harness.toml"
        if own.is_file():
            return ConfigFile(path=own, project=folder, values=_checked(own, _parse(own), section=""))
        shared = folder / "pyproject.toml"
        if shared.is_file() and "tool.harness" in _text(shared):
            values = _parse(shared).get("tool", {}).get("harness")
            if values is not None:
                return ConfigFile(path=shared, project=folder, values=_checked(shared, values, section="tool.harness"))
    return ConfigFile(path=None, project=start, values={})


def is_port(value: object) -> bool:
    """Tell whether `value` can be the number of a TCP port."""
    return _in_range("port", value)


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _in_range(kind: Kind, value: object) -> bool:
    low, high = _RANGES[kind]
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text: {error.reason}", hint="save the file as UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror}", hint=f"ls -l {path}") from error


def _parse(path: Path) -> dict[str, Any]:
    return parse_toml(path, _text(path))


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """Read a TOML text that stands in `path`; what is wrong with it is told with line and column."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        place = re.search(r" \(at line (\d+), column (\d+)\)$", reason)
        if place:
            where, reason = f"{place[1]}:{place[2]}", reason[: place.start()]
        else:
            lines = text.splitlines() or [""]
            where, reason = f"{len(lines)}:{len(lines[-1]) + 1}", reason.removesuffix(" (at end of document)")
        raise UsageError(f"{path}:{where}: {reason}", hint=f"mend the TOML at line {where.split(':')[0]}") from error


def _checked(path: Path, values: object, *, section: str) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise UsageError(f"{path}: [{section}] must be a table", hint=f"write [{section}] and the keys below it")
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if key in _SECTIONS and isinstance(value, dict):
            flat |= {f"{key}.{inner}": part for inner, part in value.items()}
        else:
            flat[key] = value
    for key, value in flat.items():
        _check(path, key, value, section)
    for short, long in _SHORT.items():
        if short in flat and long in flat:
            where = f"{path}:{_line_of(path, long, section)}"
            raise UsageError(f"{where}: `{long}` says again what `{short}` says", hint="keep one of the two")
        if short in flat:
            flat[long] = flat.pop(short)
    return flat


def _check(path: Path, key: str, value: object, section: str) -> None:
    if key in _SECTIONS and key not in KEYS:
        where = f"{path}:{_line_of(path, key, section)}"
        raise UsageError(f"{where}: `{key}` must be a table, found {value!r}", hint=f"write [{key}] and its keys below")
    _check_kind(path, key, value, section)
    if key == "handlers" and isinstance(value, dict):
        for name, handler in value.items():
            _check_handler(path, f"handlers.{name}", handler, section)


def _check_handler(path: Path, key: str, handler: object, section: str) -> None:
    where = f"{path}:{_line_of(path, key, section)}"
    if _fits("text", handler):
        return
    if not isinstance(handler, dict):
        raise UsageError(f"{where}: `{key}` is {handler!r}", hint=f"it must be {_KIND_IN_WORDS['handler']}")
    for part, value in handler.items():
        _check_kind(path, part, value, section, handler=key)
    if not handler.keys() & {"handler", "mapping"}:
        raise UsageError(
            f"{where}: `{key}` has no `handler`",
            hint='add handler = "path/to/file.py:function", or mapping = "template.yaml#Function" with the code\'s place',
        )


def _check_kind(path: Path, key: str, value: object, section: str, handler: str = "") -> None:
    known, name = (HANDLER_KEYS, f"{handler}.{key}") if handler else (KEYS, key)
    where = f"{path}:{_line_of(path, name, section)}"
    if key not in known:
        hint = did_you_mean(key, known, otherwise=f"known: {', '.join(sorted(known))}")
        raise UsageError(f"{where}: unknown key `{name}`", hint=hint)
    if not _fits(known[key], value):
        raise UsageError(f"{where}: `{name}` is {value!r}", hint=f"it must be {_KIND_IN_WORDS[known[key]]}")


def _fits(kind: Kind, value: object) -> bool:  # noqa: PLR0911 - one line a kind
    if kind in _RANGES:
        return _in_range(kind, value)
    match kind:
        case "text":
            return isinstance(value, str) and bool(value)
        case "texts":
            return _fits("text", value) or (isinstance(value, list) and all(_fits("text", part) for part in value))
        case "seconds" | "price":
            return _is_amount(value) and (value != 0 or kind == "price")
        case "flag":
            return isinstance(value, bool)
        case "isolation":
            return value in ("process", "none")
        case "parts":
            return isinstance(value, dict) and all(_fits("texts", paths) for paths in value.values())
        case "environment":
            return isinstance(value, dict) and all(
                isinstance(text, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name, text in value.items()
            )
        case "urls":
            return isinstance(value, dict) and all(
                isinstance(url, str) and re.match(r"https?://[^/]", url) for url in value.values()
            )
        case _:
            return isinstance(value, dict)


def _line_of(path: Path, key: str, section: str) -> int:
    """Return the line that sets `key`, or else the table it lies in, as far as a look at the text can tell; else 1."""
    while key:
        line = _line_that_says(path, key, section)
        if line:
            return line
        key = key.rpartition(".")[0]
    return 1


def _line_that_says(path: Path, key: str, section: str) -> int | None:
    table, _, name = key.rpartition(".")
    wanted = ".".join(part for part in (section, table) if part)
    current = ""
    for number, line in enumerate(_text(path).splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            current = header[1]
            if current == ".".join(part for part in (wanted, name) if part):
                return number
        elif current == wanted and re.match(rf"""\s*["']?{re.escape(name)}["']?\s*=""", line):
            return number
    return None
