"""The one reader of harness.toml, `[tool.harness]`, the environment and the flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from harness.service import DEFAULT_PORTS, ServiceName

if TYPE_CHECKING:
    from pathlib import Path

EngineName = Literal["auto", "docker", "embedded", "external"]


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
    #: `path/to/file.py:callable` that makes a Target, or the URL of an HTTP API.
    target: str
    #: The DynamoDB table that scenarios and handlers work on.
    table: str = "cruddur-messages"
    #: Lambda handlers by name: `path/to/file.py:function`.
    handlers: dict[str, str] = field(default_factory=dict)
    ports: dict[ServiceName, int] = field(default_factory=lambda: dict(DEFAULT_PORTS))
    region: str = "us-east-1"
    #: One time budget, in seconds, for both services to answer their first query.
    start_timeout: float = 60.0
    #: `external` only. From flags, else HARNESS_DYNAMODB_URL / HARNESS_POSTGRES_DSN, else the file.
    dynamodb_url: str | None = None
    postgres_dsn: str | None = None
    allow_remote: bool = False
    allow_remote_writes: bool = False

    @property
    def state_folder(self) -> Path:
        """Where this project's running stack, its state and its logs live."""
        return self.project / ".harness"
