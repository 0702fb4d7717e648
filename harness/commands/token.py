"""`harness token`: tokens of seeded users, good and bad ones; and what is wrong with one."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.commands.options import add_json, add_pool
from harness.commands.printing import print_json, print_rows
from harness.errors import EnvironmentFailure, ExitCode, UsageError

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.endpoint import UserPool
    from harness.identity.inspection import Inspection
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
#: Nobody pastes more: HTTP servers take 8 kB of headers.
_LONGEST = 100_000


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
        return _inspect(config, args)
    if args.token is not None:
        raise UsageError(f"`{args.handle}` is a handle, and nothing may follow it", hint="harness token inspect TOKEN")
    return _make(config, args)


def _make(config: Config, args: argparse.Namespace) -> int:
    from harness.commands.attaching import running_stack
    from harness.identity import tokens
    from harness.identity.faults import Fault
    from harness.identity.named_pool import choose_pool

    seconds = None if args.expires_in is None else _seconds(args.expires_in)
    pool = choose_pool(config, running_stack(config).identity, args.pool_id, args.pool_url)
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


def _inspect(config: Config, args: argparse.Namespace) -> int:
    from harness.identity.inspection import inspect

    if args.fault or args.expires_in or args.id:
        raise UsageError("`inspect` reads a token, and makes none", hint="harness token inspect TOKEN")
    text = sys.stdin.read(_LONGEST) if args.token in {None, "-"} else args.token
    pool, keys, unchecked = _pool_and_keys(config, args)
    now = datetime.now(UTC)
    found = inspect(text, pool=pool, keys=keys, now=now)
    handles = _handles(config, found)
    if args.json:
        flaws = [{"code": flaw.code, "message": flaw.message} for flaw in found.flaws]
        print_json(
            {
                "good": found.good,
                "flaws": flaws,
                "header": found.header,
                "claims": found.claims,
                "signature_checked": found.verified,
                "not_checked_because": unchecked,
                "handles": handles,
                "pool": pool and pool.shown,
            }
        )
    else:
        _tell(found, handles, unchecked, now)
    return ExitCode.OK if found.good else ExitCode.FAILED


def _pool_and_keys(config: Config, args: argparse.Namespace) -> tuple[UserPool | None, Any, str | None]:
    """Return the pool to judge by and its public keys, or why there is none: a token can be read without."""
    from harness import stack as stacks
    from harness.identity.keys import public_keys
    from harness.identity.named_pool import choose_pool

    named = bool(args.pool_id or args.pool_url)
    pool = None
    try:
        stack = None if named else stacks.attach(config)
        if not named and (stack is None or stack.identity is None):
            return None, None, "no stack with a user pool is up"
        pool = choose_pool(config, stack.identity if stack else None, args.pool_id, args.pool_url)
        return pool, public_keys(pool), None
    except EnvironmentFailure as failure:
        if named:
            raise
        return pool, None, failure.message


def _handles(config: Config, found: Inspection) -> list[str] | None:
    """Return whose `cognito_user_id` the `sub` is; None where that can't be asked."""
    from harness import stack as stacks
    from harness.errors import HarnessError
    from harness.stores.postgres_users import user_table

    if not found.claims.get("sub"):
        return None
    try:
        if (stack := stacks.attach(config)) is None:
            return None
        with user_table(stack.endpoints.postgres, read_only=True) as table:
            return list(table.handles_of(str(found.claims["sub"])))
    except HarnessError:
        return None


def _tell(found: Inspection, handles: list[str] | None, unchecked: str | None, now: datetime) -> None:
    from harness.identity.claims import validity

    claims = found.claims
    rows = [("use", claims.get("token_use")), ("sub", claims.get("sub")), ("issuer", claims.get("iss"))]
    rows += [("client", claims.get("client_id", claims.get("aud"))), ("valid", validity(claims, now))]
    print_rows((name, str(value)) for name, value in rows if value is not None)
    if handles:
        print_rows([("user", ", ".join(f"@{handle}" for handle in handles))])
    elif handles is not None:
        print_rows([("user", "nobody: no row of users has this sub as cognito_user_id (harness users sync)")])
    print_rows(("wrong", flaw.message) for flaw in found.flaws)
    if unchecked is not None:
        print_rows([("unchecked", f"signature, issuer and audience: {unchecked}")])
    if found.good:
        print_rows(
            [("verdict", "good" if found.verified else "nothing wrong is seen, and the signature was not checked")]
        )


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", text)
    if match is None or int(match[1]) == 0:
        raise UsageError(f"--expires-in {text!r} is not a time", hint="write 30s, 10m, 2h or 1d; or --expired")
    return int(match[1]) * _UNITS[match[2] or "s"]
