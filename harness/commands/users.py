"""`harness users`: who is there, and whether the user pool knows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from harness.commands.options import add_json, add_pool, add_verb, subverbs
from harness.commands.printing import print_json, print_table
from harness.errors import ExitCode
from harness.instant import to_text
from harness.render.words import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.identity.sync import SyncPlan

SUMMARY = "list the users in Postgres, or give them the ids of the user pool"
EXAMPLES = """
harness users list
harness users sync --dry-run      who would get which cognito_user_id
harness users sync
"""
WRITES_STATE = False

_LIST_EXAMPLES = """
harness users list
harness users list --json
"""
_SYNC_EXAMPLES = """
harness users sync                                        from the stack's own pool
harness users sync --dry-run --json
harness users sync --pool-id us-east-1_AbCdEf123 --allow-remote    from AWS, which is only read
"""


def configure(parser: Parser) -> None:
    """Add list and sync."""
    verbs = subverbs(parser, "VERB", ("list", "sync"))
    add_json(add_verb(verbs, "list", "list the users by handle", _LIST_EXAMPLES))
    sync = add_verb(
        verbs, "sync", "write each pool user's sub into users.cognito_user_id, by handle; all or none", _SYNC_EXAMPLES
    )
    sync.add_argument("--dry-run", action="store_true", help="only say what would be written")
    add_pool(sync)
    add_json(sync)


def run(config: Config, args: argparse.Namespace) -> int:
    """Do what the second word says."""
    return _sync(config, args) if args.subverb == "sync" else _list(config, args)


def _list(config: Config, args: argparse.Namespace) -> int:
    from harness import workflow

    with workflow.attached(config) as (_, stores):
        users = stores.postgres.list_users()
    if args.json:
        print_json([asdict(user) | {"created_at": to_text(user.created_at)} for user in users])
    else:
        print_table([(user.handle, user.display_name, user.uuid, user.email) for user in users])
    return ExitCode.OK


def _sync(config: Config, args: argparse.Namespace) -> int:
    """Exit code 1 says that somebody who can sign in has no row of their own."""
    from harness.commands.attaching import running_stack
    from harness.identity.named_pool import choose_pool
    from harness.identity.users import sync_users

    stack = running_stack(config)
    pool = choose_pool(config, stack.identity, args.pool_id, args.pool_url)
    if not args.dry_run:
        stack.require_writable("users sync")
    plan = sync_users(pool, stack.endpoints.postgres, dry_run=args.dry_run)
    if args.json:
        print_json({"pool": pool.shown, "dry_run": args.dry_run, **plan.to_dict()})
    else:
        print(printable("\n".join(_told(plan, dry_run=args.dry_run))))
    return ExitCode.OK if plan.complete else ExitCode.FAILED


def _told(plan: SyncPlan, *, dry_run: bool) -> Iterator[str]:
    yield from (f"@{each.handle}: cognito_user_id {each.before} -> {each.after}" for each in plan.changes)
    written = "would be written" if dry_run else "written"
    yield f"{len(plan.changes)} {written}, {plan.agreeing} agreed already"
    for alone in plan.without_row:
        yield f"@{alone.handle} is in the pool, and in no row of users{_perhaps(alone.nearest)}"
    for alone in plan.without_pool_user:
        yield f"@{alone.handle} is in users, and can't sign in: nobody in the pool has this handle{_perhaps(alone.nearest)}"
    for username in plan.nameless:
        yield f"pool user {username} has no preferred_username, so it is nobody's: give it one that is a handle of users"
    for double in plan.doubled:
        yield f"@{double.handle} is the handle of {len(double.whose)} in the {double.side}: {', '.join(double.whose)}; none was touched"
    for held in plan.held:
        yield f"@{held.handle} can't get {held.sub}: the row of @{held.holder} has it"


def _perhaps(nearest: str | None) -> str:
    return "" if nearest is None else f" (@{nearest}, perhaps?)"
