"""`harness token inspect`: what is wrong with a token."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.commands.printing import print_json, print_rows
from harness.errors import EnvironmentFailure, ExitCode, UsageError

if TYPE_CHECKING:
    import argparse

    from harness.config import Config
    from harness.endpoint import UserPool
    from harness.identity.inspection import Inspection

#: Nobody pastes more: HTTP servers take 8 kB of headers.
_LONGEST = 100_000


def inspect_token(config: Config, args: argparse.Namespace) -> int:
    """Say what is wrong with a token of the command line or of stdin. The exit code says whether it is good."""
    from harness.identity.inspection import inspect

    if args.fault or args.expires_in or args.id:
        raise UsageError("`inspect` reads a token, and makes none", hint="harness token inspect TOKEN")
    text = sys.stdin.buffer.read(_LONGEST).decode(errors="replace") if args.token in {None, "-"} else args.token
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
