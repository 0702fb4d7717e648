"""The one reader of harness.toml, `[tool.harness]`, the environment and the flags."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from harness.config_file import find_config_file, is_port
from harness.errors import UsageError
from harness.handler_config import HandlerConfig
from harness.prices import Prices, default_prices, prices_of
from harness.project.roles import Role
from harness.resources import template_folder
from harness.service import DEFAULT_PORTS, ServiceName
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EngineName = Literal["auto", "docker", "embedded", "external"]
ENGINES: tuple[EngineName, ...] = ("auto", "docker", "embedded", "external")

#: Which environment variable sets which key.
_VARIABLES = {
    "engine": "HARNESS_ENGINE",
    "ports.dynamodb": "HARNESS_DYNAMODB_PORT",
    "ports.postgres": "HARNESS_POSTGRES_PORT",
    "external.dynamodb_url": "HARNESS_DYNAMODB_URL",
    "external.postgres_dsn": "HARNESS_POSTGRES_DSN",
}
#: Which flag sets which key.
_FLAGS = {
    "engine": "engine",
    "ports.dynamodb": "dynamodb_port",
    "ports.postgres": "postgres_port",
    "external.dynamodb_url": "dynamodb_url",
    "external.postgres_dsn": "postgres_dsn",
}
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_HANDLERS = {
    "message_group_stream": {"handler": "scenarios/handlers/message_group_stream.py:handler", "timeout": 30},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a command needs to know about the project it works in. Paths are absolute."""

    #: The folder that holds harness.toml (or where the command was typed, if there is none).
    project: Path
    engine: EngineName = "auto"
    compose: Path
    #: Globs of CreateTable JSON files or CloudFormation/SAM templates.
    dynamodb_schema: tuple[str, ...]
    #: Globs of SQL files, applied in name order.
    postgres_schema: tuple[str, ...]
    #: The seed plan.
    plan: Path
    #: Folders or globs that scenarios are collected from.
    scenarios: tuple[str, ...]
    #: `path/to/file.py:callable` or `package.module:callable` that makes a Target, or the URL of an HTTP API.
    target: str
    #: The DynamoDB table that scenarios and handlers work on.
    table: str = "cruddur-messages"
    #: Which file is what, where doctor can't tell: paths by role.
    parts: dict[Role, tuple[str, ...]] = field(default_factory=dict)
    #: Lambda handlers by name.
    handlers: dict[str, HandlerConfig] = field(default_factory=dict)
    ports: dict[ServiceName, int] = field(default_factory=lambda: dict(DEFAULT_PORTS))
    region: str = "us-east-1"
    #: One time budget, in seconds, for both services to answer their first query.
    start_timeout: float = 60.0
    #: `external` only. From flags, else HARNESS_DYNAMODB_URL / HARNESS_POSTGRES_DSN, else the file.
    dynamodb_url: str | None = None
    postgres_dsn: str | None = field(default=None, repr=False)
    #: What request units cost, for reports.
    prices: Prices = field(default_factory=default_prices)
    allow_remote: bool = False
    allow_remote_writes: bool = False

    @property
    def state_folder(self) -> Path:
        """Where this project's running stack, its state and its logs live."""
        return self.project / ".harness"

    @property
    def over_http(self) -> bool:
        """Whether the target is an application's HTTP API."""
        return self.target.startswith(("http://", "https://"))


def load_config(start: Path, environ: Mapping[str, str], flags: Mapping[str, Any]) -> Config:
    """Read the project that `start` lies in. Flags go before the environment, that before the file and the defaults."""
    file = find_config_file(start.resolve())
    values = dict(file.values)
    origins = dict.fromkeys(values, str(file.path))
    for key, variable in _VARIABLES.items():
        if environ.get(variable):
            values[key], origins[key] = environ[variable], variable
    for key, flag in _FLAGS.items():
        if flags.get(flag) is not None:
            values[key], origins[key] = flags[flag], "--" + flag.replace("_", "-")
    return Config(
        project=file.project,
        engine=_engine(values.get("engine", "auto"), origins),
        compose=_compose(file.project, values.get("compose"), origins),
        dynamodb_schema=_texts(values.get("schema.dynamodb", "seeds/schema/dynamodb/*")),
        postgres_schema=_texts(values.get("schema.postgres", "seeds/schema/postgres/*.sql")),
        plan=file.project / values.get("plan", "seeds/baseline.toml"),
        scenarios=_texts(values.get("scenarios.files", ["scenarios/pattern_*.py", "scenarios/read_aside_cache.py"])),
        target=values.get("scenarios.target", "scenarios/messaging/__init__.py:make_target"),
        table=_table(values.get("table", "cruddur-messages"), origins),
        handlers={name: HandlerConfig.of(value) for name, value in values.get("handlers", _HANDLERS).items()},
        parts=_parts(values.get("doctor", {}), file.path),
        ports=_ports(values, origins),
        region=values.get("region", "us-east-1"),
        start_timeout=float(values.get("start_timeout", 60.0)),
        dynamodb_url=values.get("external.dynamodb_url"),
        postgres_dsn=values.get("external.postgres_dsn"),
        prices=prices_of(
            {key.removeprefix("prices."): value for key, value in values.items() if key.startswith("prices.")},
            str(file.path),
        ),
        allow_remote=bool(flags.get("allow_remote")),
        allow_remote_writes=bool(flags.get("allow_remote_writes")),
    )


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _parts(named: Mapping[str, str | list[str]], path: Path | None) -> dict[Role, tuple[str, ...]]:
    parts: dict[Role, tuple[str, ...]] = {}
    for name, paths in named.items():
        role = next((role for role in get_args(Role) if role == name), None)
        if role is None:
            raise UsageError(
                f"{path}: doctor knows no part `{name}` of a project",
                hint=did_you_mean(name, get_args(Role), otherwise=f"known: {', '.join(get_args(Role))}"),
            )
        parts[role] = _texts(paths)
    return parts


def _table(value: str, origins: Mapping[str, str]) -> str:
    if _TABLE.fullmatch(value):
        return value
    raise UsageError(
        f"{origins['table']}: `{value}` can't be the name of a table",
        hint="DynamoDB takes 3 to 255 of letters, digits, _ . and -",
    )


def _engine(value: str, origins: Mapping[str, str]) -> EngineName:
    for name in ENGINES:
        if value == name:
            return name
    raise UsageError(
        f"{origins['engine']}: unknown engine `{value}`",
        hint=did_you_mean(value, ENGINES, otherwise=f"choose one of {', '.join(ENGINES)}"),
    )


def _compose(project: Path, named: str | None, origins: Mapping[str, str]) -> Path:
    """Return the project's compose file; a project without one uses the one that comes with the package."""
    path = project / (named or "compose.local.yml")
    if path.is_file():
        return path
    if named:
        raise UsageError(f"{origins['compose']}: compose file {path} does not exist", hint="harness init writes one")
    return template_folder() / "compose.local.yml"


def _ports(values: Mapping[str, Any], origins: Mapping[str, str]) -> dict[ServiceName, int]:
    ports = dict(DEFAULT_PORTS)
    for service in ports:
        key = f"ports.{service}"
        if key in values:
            ports[service] = _port(values[key], origins[key])
    if ports["dynamodb"] == ports["postgres"]:
        raise UsageError(
            f"both services are to use port {ports['dynamodb']}",
            hint="give one another port: --dynamodb-port or --postgres-port",
        )
    return ports


def _port(value: object, origin: str) -> int:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if isinstance(number, int) and is_port(number):
        return number
    raise UsageError(f"{origin}: `{value}` is not a port", hint="it must be a whole number from 1 to 65535")
