"""`harness logs`: what the services wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.commands.attaching import known_stack
from harness.errors import ExitCode
from harness.logs import mask
from harness.render.words import printable
from harness.service import DEFAULT_PORTS

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "print the last lines that a service, or both, wrote"
EXAMPLES = """
harness logs
harness logs postgres -n 200
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add the service and how many lines."""
    parser.add_argument(
        "service",
        metavar="SERVICE",
        nargs="?",
        choices=[*DEFAULT_PORTS, "identity"],
        help="dynamodb, postgres or identity (without it, the first two)",
    )
    parser.add_argument("-n", "--lines", metavar="N", type=int, default=50, help="how many lines (50)")


def run(config: Config, args: argparse.Namespace) -> int:
    """Print them, under a heading where there are two."""
    stack = known_stack(config)
    names = [args.service] if args.service else list(DEFAULT_PORTS)
    for name in names:
        if len(names) > 1:
            print(f"== {name} ==")
        print(printable(mask(stack.logs(name, max(args.lines, 1)).rstrip())))
    return ExitCode.OK
