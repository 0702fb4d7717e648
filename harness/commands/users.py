"""`harness users`: who is there."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from harness.commands.options import add_json, add_verb, subverbs
from harness.commands.printing import print_json, print_table
from harness.errors import ExitCode
from harness.instant import to_text

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "list the users in Postgres"
EXAMPLES = """
harness users list
harness users list --json
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add list."""
    add_json(add_verb(subverbs(parser, "list", ("list",)), "list", "list the users by handle", EXAMPLES))


def run(config: Config, args: argparse.Namespace) -> int:
    """List them."""
    from harness import workflow

    with workflow.attached(config) as (_, stores):
        users = stores.postgres.list_users()
    if args.json:
        print_json([asdict(user) | {"created_at": to_text(user.created_at)} for user in users])
    else:
        print_table([(user.handle, user.display_name, user.uuid, user.email) for user in users])
    return ExitCode.OK
