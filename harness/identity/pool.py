"""The stack's user pool: found or made, and filled so that it holds exactly the seeded users."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from harness.endpoint import UserPool
from harness.engines import identity_process
from harness.engines.readiness import wait_until
from harness.errors import EnvironmentFailure
from harness.state import read_state, remember_identity, write_intent
from harness.stores.user_pools import PoolUser, UserPools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from harness.dataset import User
    from harness.endpoint import IdentityEndpoint
    from harness.stack import Stack

log = logging.getLogger(__name__)

#: Every seeded user's, and no secret: Cognito's default policy wants a letter of each case, a digit and a symbol.
PASSWORD = "Testing-1234"  # noqa: S105 - printed in the documentation
_NAME = "harness"
#: How much of its log a failure quotes.
_LOG_LINES = 15


def with_recorded_pool(stack: Stack) -> Stack:
    """Return the stack with the pool that another `up` may have filled since this one started or found the stack."""
    state = read_state(stack.config.state_folder)
    return stack if state is None else replace(stack, identity=state.identity)


def serve_identity(stack: Stack) -> IdentityEndpoint:
    """Return where the stack's identity service answers, or will in a moment: it is started where it does not run."""
    if not stack.home.exists():  # services of others, where nothing else is ours
        stack.home.mkdir(parents=True, exist_ok=True)
        write_intent(stack.home, stack.engine)
    known = stack.identity.endpoint if stack.identity else None
    return identity_process.serve(stack.home, stack.engine, stack.endpoints.dynamodb, known=known)


def fill_pool(stack: Stack, users: Iterable[User], endpoint: IdentityEndpoint | None = None) -> Stack:
    """Return the stack with a user pool, made if need be, that holds exactly these users. It is remembered with it."""
    endpoint = endpoint or serve_identity(stack)
    with closing(UserPools(endpoint)) as pools:
        await_identity(pools, stack.home, stack.engine, stack.config.start_timeout)
        known = stack.identity
        if known is None or known.endpoint != endpoint or not pools.has_pool(known.pool_id):
            known = make_pool(pools, identity_process.key_folder(stack.home))
        fill(pools, known.pool_id, users)
    if not stack.ephemeral:
        remember_identity(stack.config.state_folder, known)
    return replace(stack, identity=known)


def refill_pool(stack: Stack, users: Iterable[User]) -> None:
    """Let the user pool that `up` made hold exactly these users; nothing is started for a stack that has none."""
    if stack.identity is not None:
        fill_pool(stack, users)


def mend_pool(stack: Stack, users: Callable[[], Iterable[User]]) -> Stack:
    """Return a stack that is up with a user pool that answers; one that went away is made and filled again."""
    if (trouble := stack.identity_trouble()) is None:
        return stack
    log.info("filling the user pool: it %s", trouble)
    return fill_pool(stack, users())


def make_pool(pools: UserPools, keys: Path | None = None) -> UserPool:
    """Make an empty pool with its app client."""
    pool_id = pools.create_pool(_NAME)
    client_id = pools.create_client(pool_id, _NAME)
    return UserPool(endpoint=pools.endpoint, pool_id=pool_id, client_id=client_id, keys=keys)


def fill(pools: UserPools, pool_id: str, users: Iterable[User]) -> bool:
    """Let a pool of ours hold exactly these users; return whether anything had to change. What came of it is read back.

    A user's `cognito_user_id` becomes the `sub`, so that what lies in Postgres, with its digest, stays as the seed
    has it. AWS gives subs itself and lets nobody change them; MiniStack does both, but here it can be told.
    """
    wanted = {user.handle: user for user in users}
    kept: set[str] = set()
    for held in list(pools.list_users(pool_id)):
        if held.handle in wanted and _agrees(held, wanted[held.handle]):
            kept.add(held.handle)
        else:
            pools.delete_user(pool_id, held.username)
    missing = [user for handle, user in wanted.items() if handle not in kept]
    for user in missing:
        _create(pools, pool_id, user)
    if missing:
        _verify(pools.list_users(pool_id), wanted)
    return bool(missing)


def subject(user: User) -> str | None:
    """Return the sub that a seeded user is to have; None where the plan says something else, such as `MOCK`."""
    try:
        return str(UUID(user.cognito_user_id))
    except ValueError:
        return None


def _create(pools: UserPools, pool_id: str, user: User) -> None:
    sub = subject(user)
    # In a pool whose users sign in by email, as the reference application's, the name is the sub.
    username = sub or user.handle
    attributes = {
        "preferred_username": user.handle,
        "name": user.display_name,
        "email": user.email,
        "email_verified": "true",
    }
    pools.create_user(pool_id, username, attributes)
    pools.set_password(pool_id, username, PASSWORD)
    if sub is not None:
        pools.set_attributes(pool_id, username, {"sub": sub})


def _agrees(held: PoolUser, user: User) -> bool:
    return held.email == user.email and held.sub == (subject(user) or held.sub)


def _verify(held: Iterable[PoolUser], wanted: dict[str, User]) -> None:
    """Raise EnvironmentFailure unless the pool holds what it was given: another MiniStack may refuse to be told subs."""
    found = {each.handle: each for each in held}
    wrong = [handle for handle, user in wanted.items() if handle not in found or not _agrees(found[handle], user)]
    if wrong or len(found) != len(wanted):
        raise EnvironmentFailure(
            f"the user pool holds {len(found)} users where {len(wanted)} were put in; not as they were given: "
            f"{', '.join(wrong) or 'nobody'}",
            hint="is MiniStack the version that pyproject.toml names? pip install --force-reinstall access-pattern-harness",
        )


def await_identity(pools: UserPools, home: Path, engine: str, timeout: float) -> None:
    """Wait until the service that was started for the stack at `home` answers."""
    wait_until(
        identity_process.NAME,
        pools.probe,
        timeout=timeout,
        alive=lambda: identity_process.became(home, engine),
        logs=lambda: identity_process.logs(home, engine, _LOG_LINES),
    )
