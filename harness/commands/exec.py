"""`harness exec`: one command, in the environment of the stack."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from harness import environment
from harness.commands.attaching import running_stack
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "run a command with those variables set; its exit code is harness's"
EXAMPLES = """
harness exec -- python app.py
harness exec -- psql
harness exec -- sh -c 'aws dynamodb list-tables'
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add the command."""
    parser.add_argument("command", metavar="-- CMD", nargs=argparse.REMAINDER, help="the command and its arguments")


def run(config: Config, args: argparse.Namespace) -> int:
    """Become the command."""
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        raise UsageError("no command given", hint="harness exec -- python app.py")
    stack = running_stack(config)
    found = environment.variables(stack.endpoints, config.table, stack.identity)
    become(command, environment.merged(os.environ, found))


def become(command: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Replace this process, so that signals and the exit code are the command's own."""
    sys.stdout.flush()
    sys.stderr.flush()
    # Python ignores these two, and what is ignored stays so in the command.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(command[0], list(command), dict(environ))  # noqa: S606 - no shell is wanted
    except OSError as error:
        # A folder of PATH that we may not enter also says "permission denied".
        if "/" not in command[0] and shutil.which(command[0], path=environ.get("PATH")) is None:
            raise UsageError(
                f"there is no command `{command[0]}` on PATH", hint="check its name, or give its path"
            ) from error
        raise UsageError(f"`{command[0]}` can't be run: {error.strerror}", hint=f"ls -l {command[0]}") from error
