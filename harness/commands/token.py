"""`harness token`: tokens of seeded users, good and bad ones; and what is wrong with one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.commands.inspecting import inspect_token
from harness.commands.options import add_json, add_pool
from harness.commands.printing import print_json
from harness.errors import ExitCode, UsageError

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.identity.tokens import Use

SUMMARY = "print a token of a seeded user, good or bad in one way; or say what is wrong with one"
EXAMPLES = """
harness token andrewbrown
harness token bayko --expired
harness token bayko --expires-in 30s
harness token bayko --wrong-audience --json
harness token bayko | harness token inspect -
harness token inspect null
"""
WRITES_STATE = False

#: The faults of harness.identity.faults, and what each flag says of its own.
_FAULTS = {
    "expired": "one that ended an hour ago",
    "not-yet-valid": "one that is issued in an hour",
    "wrong-audience": "one for another app client",
    "other-pool": "one whose issuer is another pool",
    "wrong-key": "one that another key than the pool's signed",
    "unknown-kid": "one of a key that the pool does not publish",
    "alg-none": "one that nobody signed",
}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def configure(parser: Parser) -> None:
    """Add the handle, or `inspect` with a token, and the faults."""
    parser.add_argument(
        "handle", metavar="HANDLE | inspect", help="whose token; or: inspect (a user of that name: @inspect)"
    )
    parser.add_argument(
        "token", metavar="TOKEN", nargs="?", help="to inspect: a token or a header; from stdin without it, or for -"
    )
    parser.add_argument("--id", action="store_true", help="the id token instead of the access token")
    kinds = parser.add_mutually_exclusive_group()
    for name, what in _FAULTS.items():
        parser.flags.add(f"--{name}")
        kinds.add_argument(f"--{name}", dest="fault", action="store_const", const=name, help=what)
    parser.flags.add("--expires-in")
    kinds.add_argument("--expires-in", metavar="TIME", help="a good one that ends in 30s, 10m, 2h, 1d")
    add_pool(parser)
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Make a token, or read one."""
    if args.handle == "inspect":
        return inspect_token(config, args)
    if args.token is not None:
        raise UsageError(f"`{args.handle}` is a handle, and nothing may follow it", hint="harness token inspect TOKEN")
    return _make(config, args)


def _make(config: Config, args: argparse.Namespace) -> int:
    from harness.commands.attaching import running_stack
    from harness.identity import tokens
    from harness.identity.faults import Fault
    from harness.identity.named_pool import choose_pool

    if args.pool_id or args.pool_url:
        raise UsageError("tokens are made by the stack's own pool only", hint="--pool-id is for harness token inspect")
    seconds = None if args.expires_in is None else _seconds(args.expires_in)
    pool = choose_pool(config, running_stack(config).identity, None, None)
    handle, now = args.handle.removeprefix("@"), datetime.now(UTC)
    use: Use = "id" if args.id else "access"
    token = tokens.sign_in(pool, handle, use)
    if args.fault is not None:
        token = tokens.spoiled(token, pool, Fault(args.fault), use=use, now=now)
    elif seconds is not None:
        token = tokens.shortened(token, pool, seconds, use=use, now=now)
    if args.json:
        print_json({"token": token, "use": use, "handle": handle, "fault": args.fault, "pool": pool.shown})
    else:
        print(token)
    return ExitCode.OK


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d{1,6})([smhd]?)", text)
    if match is None or int(match[1]) == 0:
        raise UsageError(f"--expires-in {text!r} is not a time", hint="write 30s, 10m, 2h or 1d; or --expired")
    return int(match[1]) * _UNITS[match[2] or "s"]
