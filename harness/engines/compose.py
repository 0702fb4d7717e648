"""The part of a compose file that a stack needs, read as Compose reads it; anything more is refused, not ignored."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.engines.compose_text import interpolate, key_lines
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEYS = frozenset(
    {"image", "command", "environment", "ports", "volumes", "tmpfs", "healthcheck", "user", "working_dir"}
)
_HEALTH_KEYS = frozenset({"test", "interval", "timeout", "retries", "start_period"})
_UNITS = {"us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthcheck:
    """How Docker itself asks a container whether it is well. Times in nanoseconds, as its API wants them."""

    test: tuple[str, ...]
    interval: int | None = None
    timeout: int | None = None
    start_period: int | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeService:
    """One service of a compose file, variables resolved."""

    image: str
    command: tuple[str, ...] | None
    environment: dict[str, str]
    #: The port inside the container; outside, it is published at the stack's own on 127.0.0.1.
    container_port: int
    #: `(folder of this machine or None for an anonymous volume, folder in the container, ro or rw)`.
    volumes: tuple[tuple[str | None, str, str], ...]
    #: Folder in the container to mount options.
    tmpfs: dict[str, str]
    healthcheck: Healthcheck | None
    user: str | None
    working_dir: str | None


def read_compose(path: Path, names: tuple[str, ...], variables: Mapping[str, str]) -> dict[str, ComposeService]:
    """Read the named services. UsageError names file and line of what can't be used."""
    import yaml  # noqa: PLC0415 - only the docker engine pays for it

    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise _refused(path, line, f"not YAML: {exc.problem or exc.context}") from exc
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise _refused(path, 1, f"can't be read: {exc}") from exc
    reader = _Reader(path, key_lines(node), variables)
    services = data.get("services") if isinstance(data, dict) else None
    if not isinstance(services, dict):
        raise _refused(path, 1, "has no `services`")
    for name in names:
        if name not in services:
            raise _refused(
                path, reader.line("services"), f"has no service `{name}` (it has {', '.join(map(str, services))})"
            )
    return {name: reader.service(name, services[name]) for name in names}


def _refused(path: Path, line: int, why: str) -> UsageError:
    return UsageError(f"{path}:{line}: {why}", hint=f"edit {path}, or use --engine embedded")


@dataclass(frozen=True, slots=True)
class _Reader:
    path: Path
    lines: dict[tuple[str, ...], int]
    variables: Mapping[str, str]

    def line(self, *at: str) -> int:
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def fail(self, why: str, *at: str) -> UsageError:
        return _refused(self.path, self.line("services", *at), why)

    def service(self, name: str, raw: Any) -> ComposeService:
        if not isinstance(raw, dict):
            raise self.fail(f"service `{name}` is not a mapping", name)
        for key in raw:
            if key not in _KEYS:
                raise self.fail(
                    f"`{key}` is not supported in service `{name}`; supported: {', '.join(sorted(_KEYS))}",
                    name,
                    str(key),
                )
        if not raw.get("image"):
            raise self.fail(f"service `{name}` names no image", name)
        return ComposeService(
            image=self.text(raw["image"], name, "image"),
            command=self.words(raw.get("command"), name, "command"),
            environment=self.environment(raw.get("environment"), name),
            container_port=self.container_port(raw.get("ports"), name),
            volumes=tuple(self.volume(entry, name) for entry in self.list_of(raw.get("volumes"), name, "volumes")),
            tmpfs=dict(self.mount(entry, name) for entry in self.list_of(raw.get("tmpfs"), name, "tmpfs")),
            healthcheck=self.healthcheck(raw.get("healthcheck"), name),
            user=None if raw.get("user") is None else self.text(raw["user"], name, "user"),
            working_dir=None if raw.get("working_dir") is None else self.text(raw["working_dir"], name, "working_dir"),
        )

    def text(self, value: Any, *at: str) -> str:
        """Return a scalar as text, its variables replaced."""
        if isinstance(value, bool):
            return str(value).lower()
        if not isinstance(value, str | int | float):
            raise self.fail(f"`{at[-1]}` must be a text or a number, not {type(value).__name__}", *at)

        try:
            return interpolate(str(value), self.variables)
        except ValueError as exc:
            raise self.fail(str(exc), *at) from exc

    def list_of(self, value: Any, *at: str) -> list[Any]:
        if value is None:
            return []
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list):
            raise self.fail(f"`{at[-1]}` must be a list", *at)
        return value

    def words(self, value: Any, *at: str) -> tuple[str, ...] | None:
        if value is None:
            return None
        if isinstance(value, list):
            return tuple(self.text(word, *at) for word in value)
        try:
            return tuple(shlex.split(self.text(value, *at)))
        except ValueError as exc:
            raise self.fail(f"`{at[-1]}` can't be split into words: {exc}", *at) from exc

    def environment(self, value: Any, name: str) -> dict[str, str]:
        if isinstance(value, list):
            pairs = (self.text(entry, name, "environment").partition("=") for entry in value)
            return {key: text if equals else self.variables.get(key, "") for key, equals, text in pairs}
        if not isinstance(value, dict | None):
            raise self.fail("`environment` must be a mapping or a list", name, "environment")
        return {
            key: self.variables.get(key, "") if text is None else self.text(text, name, "environment", str(key))
            for key, text in (value or {}).items()
        }

    def container_port(self, value: Any, name: str) -> int:
        entries = self.list_of(value, name, "ports")
        if len(entries) != 1:
            raise self.fail(f"service `{name}` must publish exactly one port", name, "ports")
        text = self.text(entries[0], name, "ports").removesuffix("/tcp")
        port = text.rpartition(":")[2]
        if not port.isdecimal():
            raise self.fail(f"`{text}` is not a port like 127.0.0.1:8000:8000", name, "ports")
        return int(port)

    def mount(self, entry: Any, name: str) -> tuple[str, str]:
        folder, _, options = self.text(entry, name, "tmpfs").partition(":")
        return folder, options

    def volume(self, entry: Any, name: str) -> tuple[str | None, str, str]:
        text = self.text(entry, name, "volumes")
        source, *rest = text.split(":")
        if not rest:
            return None, source, "rw"
        if _NAME.fullmatch(source):
            raise self.fail(
                f"the named volume `{source}` is not supported: a stack is thrown away; use tmpfs, or a folder like ./{source}",
                name,
                "volumes",
            )
        folder = str((self.path.parent / source).expanduser().resolve())
        return folder, rest[0], rest[1] if len(rest) > 1 else "rw"

    def healthcheck(self, value: Any, name: str) -> Healthcheck | None:
        if value is None:
            return None
        at = (name, "healthcheck")
        known = ", ".join(sorted(_HEALTH_KEYS))
        if not isinstance(value, dict) or "test" not in value:
            raise self.fail(f"`healthcheck` needs a `test`, and knows {known}", *at)
        for key in value:
            if key not in _HEALTH_KEYS:
                raise self.fail(f"`{key}` is not supported in `healthcheck`, which knows {known}", *at, str(key))
        test, retries = value["test"], value.get("retries")
        shell = ("CMD-SHELL", self.text(test, *at, "test")) if isinstance(test, str) else None
        return Healthcheck(
            test=shell or self.words(test, *at, "test") or (),
            interval=self.duration(value.get("interval"), *at, "interval"),
            timeout=self.duration(value.get("timeout"), *at, "timeout"),
            start_period=self.duration(value.get("start_period"), *at, "start_period"),
            retries=None if retries is None else self.number(retries, *at, "retries"),
        )

    def number(self, value: Any, *at: str) -> int:
        text = self.text(value, *at)
        if not text.isdecimal():
            raise self.fail(f"`{text}` is not a number", *at)
        return int(text)

    def duration(self, value: Any, *at: str) -> int | None:
        if value is None:
            return None
        text = self.text(value, *at)
        parts = re.findall(r"(\d+)(us|ms|s|m|h)", text)
        if not parts or "".join(map("".join, parts)) != text:
            raise self.fail(f"`{text}` is not a duration like 1s or 1m30s", *at)
        return sum(int(number) * _UNITS[unit] for number, unit in parts)
