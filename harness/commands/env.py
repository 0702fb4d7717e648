"""`harness env`: what an application and the AWS SDKs need."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness import environment
from harness.commands.attaching import running_stack
from harness.errors import ExitCode

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "print the variables that an application and the AWS SDKs need, streams and user pool included"
EXAMPLES = """
eval "$(harness env)"
harness env --format dotenv > .env
harness env --json | jq -r .CONNECTION_URL
"""
WRITES_STATE = False

_FORMATS = {"export": environment.as_export, "dotenv": environment.as_dotenv, "json": environment.as_json}


def configure(parser: Parser) -> None:
    """Add the format."""
    parser.add_argument("--format", choices=list(_FORMATS), default="export", help="how to write them (export)")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")


def run(config: Config, args: argparse.Namespace) -> int:
    """Print them, passwords included: that is what they are for."""
    stack = running_stack(config)
    found = environment.variables(stack.endpoints, config.table, stack.identity)
    sys.stdout.write(_FORMATS[args.format](found))
    return ExitCode.OK
