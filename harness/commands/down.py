"""`harness down`: remove the stack without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.commands.options import add_json
from harness.commands.printing import print_json
from harness.errors import ExitCode

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "stop and remove the stack, and whatever a killed command left of one"
EXAMPLES = """
harness down              this project's; what others run is left alone
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add --json."""
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Remove it; nothing to remove is fine."""
    from harness import stack as stacks
    from harness.doctor.scratch import clear_scratch

    removed, of_doctor = stacks.down(config), clear_scratch(config)
    if args.json:
        print_json({"removed": removed, "removed_of_doctor": of_doctor})
    else:
        print("\n".join(f"removed  {name}" for name in removed) or f"nothing to remove in {config.project}")
        for name in of_doctor:
            print(f"removed  {name}, which a killed doctor left")
    return ExitCode.OK
