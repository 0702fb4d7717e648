"""Tokens of seeded users: good ones as the pool gives them, and ones that are wrong in exactly one way."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Literal

from harness.errors import UsageError
from harness.identity.faults import Fault, lasting, spoil
from harness.identity.keys import private_key, strangers_key
from harness.identity.pool import PASSWORD
from harness.spelling import did_you_mean
from harness.stores.user_pools import NoSuchUser, UserPools

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.dataset import User
    from harness.endpoint import UserPool

Use = Literal["access", "id"]
#: How AWS calls them in the answer to a sign-in.
_RESULTS: dict[Use, str] = {"access": "AccessToken", "id": "IdToken"}


def access_token(pool: UserPool, user: User) -> str:
    """Sign a seeded user in and return the access token, which an API expects as `Authorization: Bearer …`."""
    return give_token(pool, user, "access")


def id_token(pool: UserPool, user: User) -> str:
    """Sign a seeded user in and return the id token, which says who somebody is, and opens no API."""
    return give_token(pool, user, "id")


def give_token(pool: UserPool, user: User, use: Use) -> str:
    """Sign a seeded user in and return a token. HarnessError where the pool lets the user not in."""
    return sign_in(pool, user.handle, use)


def sign_in(pool: UserPool, handle: str, use: Use = "access") -> str:
    """Sign whoever has this handle in. UsageError, with the nearest handle, where nobody has."""
    with closing(UserPools(pool.endpoint)) as pools:
        try:
            result = pools.sign_in(pool.client_id, handle, PASSWORD)
        except NoSuchUser as exc:
            handles = [user.handle for user in pools.list_users(pool.pool_id) if user.handle]
            hint = did_you_mean(handle, handles, otherwise="harness users list names everybody")
            raise UsageError(f"nobody in the user pool {pool.shown} has the handle {handle!r}", hint=hint) from exc
    return str(result[_RESULTS[use]])


def bad_token(pool: UserPool, user: User, fault: Fault, *, use: Use = "access", now: datetime) -> str:
    """Return a token that is wrong in exactly this way; all else is as the pool made it."""
    return spoiled(give_token(pool, user, use), pool, fault, use=use, now=now)


def spoiled(good: str, pool: UserPool, fault: Fault, *, use: Use, now: datetime) -> str:
    """Return a good token of the pool with one fault."""
    return spoil(good, fault, key=private_key(pool, use), stranger=strangers_key(), now=now)


def shortened(good: str, pool: UserPool, seconds: int, *, use: Use, now: datetime) -> str:
    """Return a good token that ends in so many seconds."""
    return lasting(good, seconds, key=private_key(pool, use), now=now)


@dataclass(slots=True)
class TokenSource:
    """Access tokens by user, each asked for once in its time. `token_for` may be called from several threads."""

    pool: UserPool
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    #: How long one is handed out; a pool's tokens last an hour.
    keep: timedelta = timedelta(minutes=50)
    _held: dict[str, tuple[datetime, str]] = field(default_factory=dict, init=False)
    _guard: Lock = field(default_factory=Lock, init=False)

    def token_for(self, user: User) -> str:
        """Return a good access token of a seeded user."""
        with self._guard:
            held = self._held.get(user.uuid)
            if held is None or self.now() - held[0] > self.keep:
                held = self._held[user.uuid] = (self.now(), access_token(self.pool, user))
            return held[1]
