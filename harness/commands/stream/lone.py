"""A handler that a command line names by its file, whether or not harness.toml knows it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.handler_config import HandlerConfig

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config


def add_lone_handler(parser: Parser) -> None:
    """Add how a handler that is named by its file is run."""
    parser.add_argument("--timeout", metavar="S", type=int, help="seconds that one call may take (default: 3)")
    parser.add_argument("--memory", metavar="MB", type=int, help="MB that its process may use (default: 128)")
    parser.add_argument("--inline", action="store_true", help="call it in this process, for a debugger; no limits")


def lone_handler(config: Config, args: argparse.Namespace, *, mapping: str | None = None) -> tuple[Config, str]:
    """Return the project with this one handler, and its name: that of its file, or of the template's resource.

    Paths count from the current folder.
    """
    path, function = _named(args.handler) if args.handler else (None, "")
    if path is None and mapping is None:
        raise UsageError(
            "neither --handler nor --mapping is there to name the code",
            hint="write --handler FILE:FUNCTION, or --mapping template.yaml#Function",
        )
    said: dict[str, Any] = {
        "handler": None if path is None else f"{path}:{function}",
        "mapping": None if mapping is None else str(Path.cwd() / mapping),
        "isolation": "none" if args.inline else "process",
        "timeout": args.timeout,
        "memory": args.memory,
    }
    name = re.sub(r"[^A-Za-z0-9_-]", "-", path.stem if path else _of_resource(mapping or ""))
    handler = HandlerConfig.of({key: value for key, value in said.items() if value is not None})
    return replace(config, handlers={name: handler}), name


def _of_resource(mapping: str) -> str:
    """Return the logical id, or the template's own name where it has only one mapping."""
    path, sign, resource = mapping.rpartition("#")
    return resource.partition(".")[0] if sign and path else Path(mapping).stem


def _named(handler: str) -> tuple[Path, str]:
    """Return file and function."""
    file, colon, function = handler.rpartition(":")
    if not (colon and function and file.endswith(".py")):
        raise UsageError(
            f"--handler {handler!r} is not of the form FILE:FUNCTION", hint="write --handler handler.py:handler"
        )
    path = Path.cwd() / file
    if not path.is_file():
        raise UsageError(f"--handler: there is no file {path}", hint=f"ls {path.parent}")
    return path, function
