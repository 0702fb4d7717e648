"""A TOML file read key by key, where every complaint says file, line and what would be right."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from harness.errors import UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

_POSITION = re.compile(r"\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table of the file: what it holds and where, with the keys that have been asked for."""

    path: Path
    text: str
    values: dict[str, Any]
    #: The line before its first key, so that a key is found in the right one of several tables.
    start: int = 0
    asked: set[str] = field(default_factory=set)

    def integer(self, key: str, default: int, *, low: int, high: int) -> int:
        """Return a whole number from low to high."""
        value = self.any(key, default)
        return whole_number(value, f"{self.place(key)}: {key}", low=low, high=high)

    def string(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default the key has to be there."""
        value = self.any(key, default)
        if value is None:
            self.refuse(f"{self.path}:{max(self.start, 1)}: {key} is missing", hint=f'Add {key} = "…" here.')
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"{self.place(key)}: {key} = {show(value)} is not a text", hint=f'Write {key} = "…".')
        return value

    def any(self, key: str, default: object = None) -> Any:
        """Return what stands at the key, of any type."""
        self.asked.add(key)
        return self.values.get(key, default)

    def tables(self, key: str) -> tuple[Section, ...]:
        """Return each `[[key]]`."""
        found = self.any(key, [])
        if not isinstance(found, list) or not all(isinstance(values, dict) for values in found):
            self.refuse(f"{self.place(key)}: {key} is not a list of tables", hint=f"Head each of them with [[{key}]].")
        heads = [number for number, line in self._lines() if re.match(rf"\s*\[\[\s*{key}\s*\]\]", line)]
        heads += [self.start] * (len(found) - len(heads))
        return tuple(
            Section(path=self.path, text=self.text, values=values, start=head)
            for values, head in zip(found, heads, strict=False)
        )

    def finish(self) -> None:
        """Refuse a key that nobody asked for."""
        for key in sorted(self.values.keys() - self.asked):
            hint = did_you_mean(key, self.asked, otherwise=f"The keys here are {', '.join(sorted(self.asked))}.")
            self.refuse(f"{self.place(key)}: unknown key {key}", hint=hint)

    def place(self, key: str) -> str:
        """Return `file:line` of the key."""
        pattern = re.compile(rf"""\s*(?:\[\[?\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
        lines = (number for number, line in self._lines() if number > self.start and pattern.match(line))
        return f"{self.path}:{next(lines, max(self.start, 1))}"

    def refuse(self, message: str, *, hint: str) -> NoReturn:
        """Raise what is wrong with the file."""
        raise UsageError(message, hint=hint)

    def _lines(self) -> enumerate[str]:
        return enumerate(self.text.splitlines(), start=1)


def read_section(path: Path) -> Section:
    """Return the file's top table."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        message = f"No seed plan at {path}"
        hint = 'harness init writes one; or name yours in harness.toml: plan = "…"'
        raise UsageError(message, hint=hint) from exc
    except (OSError, UnicodeDecodeError) as exc:
        hint = "The plan is a TOML file in UTF-8 that you can read."
        raise UsageError(f"Can't read the seed plan {path}: {exc}", hint=hint) from exc
    try:
        return Section(path=path, text=text, values=tomllib.loads(text))
    except tomllib.TOMLDecodeError as exc:
        line, column = _position(str(exc), text)
        reason = _POSITION.sub("", str(exc)).strip()
        raise UsageError(f"{path}:{line}:{column}: {reason}", hint=f"Mend line {line}; TOML is at toml.io.") from exc


def whole_number(value: object, what: str, *, low: int, high: int) -> int:
    """Return the value if it is a whole number from low to high; `what` heads the complaint."""
    hint = f"Give a whole number from {low:,} to {high:,}."
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"{what} = {show(value)} is not a whole number", hint=hint)
    if not low <= value <= high:
        raise UsageError(f"{what} = {value} is out of range", hint=hint)
    return value


def show(value: object) -> str:
    """Return the value as TOML writes it, near enough to be found in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _position(message: str, text: str) -> tuple[int, int]:
    found = _POSITION.search(message)
    if found is None or found["line"] is None:
        lines = text.splitlines() or [""]
        return len(lines), len(lines[-1]) + 1
    return int(found["line"]), int(found["column"])
