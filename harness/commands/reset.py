"""`harness reset`: back to the seeded state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.commands.options import add_json, verbosity
from harness.commands.printing import print_loaded
from harness.errors import ExitCode
from harness.progress import progress_for

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "bring both databases back to the seeded state"
EXAMPLES = """
harness reset             what an application wrote is gone
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add --json."""
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Load schema and seed anew where they differ."""
    from harness import workflow

    loaded = workflow.reset(config, now=datetime.now(UTC), progress=progress_for(verbosity(args)))
    print_loaded(loaded, as_json=args.json)
    return ExitCode.OK
