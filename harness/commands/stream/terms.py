"""What the stream's verbs have in common: which handler, with which parameters, under which emulation."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.streams.emulation import Emulation


def add_terms(parser: Parser) -> None:
    """Add --set and --emulate."""
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter of CreateEventSourceMapping, such as BatchSize=1; goes before the mapping file",
    )
    parser.add_argument(
        "--emulate",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a choice of the emulation, such as virtual_shards=4 (docs/streams.md lists them)",
    )


def add_handler(parser: Parser) -> None:
    """Add the name of a handler."""
    parser.add_argument("name", metavar="HANDLER", nargs="?", help="its name under [handlers] in harness.toml")
    parser.add_argument("--unconfined", action="store_true", help="let the handler reach the world outside")


def handler_name(config: Config, name: str | None) -> str:
    """Return the handler that is meant; without a name the only one."""
    if name in config.handlers:
        return str(name)
    known = ", ".join(config.handlers) or "none"
    if name is None and len(config.handlers) == 1:
        return next(iter(config.handlers))
    if name is None:
        raise UsageError(f"which handler? The project has {known}", hint="name one of them after the verb")
    hint = did_you_mean(name, config.handlers, otherwise=f"known: {known}; [handlers] in harness.toml names them")
    raise UsageError(f"there is no handler {name!r}", hint=hint)


def parameters(args: argparse.Namespace) -> dict[str, Any]:
    """Return what --set says, as JSON where it is JSON and as text elsewhere."""
    return dict(_pair("--set", text) for text in args.set)


def emulation(args: argparse.Namespace, base: Emulation) -> Emulation:
    """Return `base` with what --emulate says."""
    kinds = {field.name: type(getattr(base, field.name)) for field in fields(base)}
    changes = dict(_pair("--emulate", text) for text in args.emulate)
    for name, value in changes.items():
        if name not in kinds:
            hint = did_you_mean(name, kinds, otherwise=f"known: {', '.join(kinds)}")
            raise UsageError(f"--emulate: the emulation has no {name!r}", hint=hint)
        fits = (int, float) if kinds[name] is float else kinds[name]
        if not isinstance(value, fits) or (isinstance(value, bool) and kinds[name] is not bool):
            raise UsageError(f"--emulate: {name} is {value!r}", hint=f"it must be of type {kinds[name].__name__}")
    return replace(base, **changes)


def _pair(flag: str, text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"{flag} {text!r}", hint=f"write {flag} NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
