"""`harness up`: both databases with schema and seed, and a user pool with the users."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.commands.options import add_json, add_plan, overrides, verbosity
from harness.commands.printing import print_json, print_rows
from harness.errors import ExitCode
from harness.progress import progress_for
from harness.render import words

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "start both databases and a user pool, load schema and seed, and say where they answer"
EXAMPLES = """
harness up                              attaches when they are up already
harness up --engine embedded            without Docker
harness up --dynamodb-port 8001         where 8000 is taken
harness up --messages 50000 --as-of now
"""
WRITES_STATE = True

_NEXT = """
next:
  eval "$(harness env)"            for applications of this shell
  harness exec -- python app.py    for one command
  harness app                      the reference application, over HTTP
  harness run                      prove access patterns A to E
  harness users list               whose handles there are
  harness token HANDLE             what somebody who signed in sends
  harness down                     remove everything"""


def configure(parser: Parser) -> None:
    """Add what to seed."""
    add_plan(parser)
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Bring it up, or attach."""
    from harness import workflow

    now = datetime.now(UTC)
    up = workflow.up(config, overrides(args), now=now, progress=progress_for(verbosity(args)))
    stack, loaded = up.stack, up.loaded
    if args.json:
        print_json(
            {
                "engine": stack.engine,
                "passed_over": stack.passed_over,
                "endpoints": stack.shown(),
                "started_at": stack.started_at,
                "loaded": asdict(loaded) if loaded else None,
            }
        )
        return ExitCode.OK
    print_rows(words.stack_rows(stack.engine, stack.passed_over, stack.shown()))
    if loaded:
        print_rows(words.seed_rows(loaded))
    else:
        print_rows([("seed", f"as it was: up since {stack.started_at}; harness reset loads it again")])
    print(_NEXT)
    return ExitCode.OK
