"""`harness status`: whether it is up and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.commands.attaching import known_stack
from harness.commands.options import add_json
from harness.commands.printing import print_json, print_rows
from harness.errors import EnvironmentFailure, ExitCode
from harness.render import words

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "say whether the stack is up and answers (exit code 0), or not (3)"
EXAMPLES = """
harness status
harness status --json
harness status -q && python app.py
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add --json."""
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Ask both services a question."""
    try:
        stack = known_stack(config)
    except EnvironmentFailure as failure:
        if args.json:
            print_json({"up": False, "reason": failure.message})
        raise
    troubles = stack.status()
    up = not any(troubles.values())
    if args.json:
        print_json(
            {
                "up": up,
                "engine": stack.engine,
                "started_at": stack.started_at,
                "endpoints": stack.shown(),
                "services": {name: trouble or "answers" for name, trouble in troubles.items()},
            }
        )
    else:
        print_rows([*words.stack_rows(stack.engine, stack.passed_over, {}), ("up since", stack.started_at)])
        shown = stack.shown()
        print_rows((name, f"{shown[name]} ({trouble or 'answers'})") for name, trouble in troubles.items())
    return ExitCode.OK if up else ExitCode.ENVIRONMENT
