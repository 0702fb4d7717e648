"""What an application is shown over HTTP: tokens of the stack's user pool, good and bad."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from harness.http_target.credentials import Credentials
from harness.identity.faults import Fault, of_somebody_else
from harness.identity.keys import private_key
from harness.identity.tokens import TokenSource, access_token, bad_token

if TYPE_CHECKING:
    from harness.dataset import User
    from harness.stack import Stack

#: Not among them: a token from the future, which nothing obliges an application to refuse.
_BAD = {
    "an expired token": Fault.EXPIRED,
    "a token for another client": Fault.WRONG_AUDIENCE,
    "a token of another pool": Fault.OTHER_POOL,
    "a token of another key": Fault.WRONG_KEY,
    "a token of an unknown key": Fault.UNKNOWN_KID,
    "an unsigned token": Fault.ALG_NONE,
}


def pool_credentials(stack: Stack) -> Credentials | None:
    """Return where tokens of the stack's users come from; None where nobody signs in."""
    pool = stack.identity
    if pool is None:
        return None
    source = TokenSource(pool)
    if pool.keys is None:
        return Credentials(token_for=source.token_for)

    def bad_tokens(user: User) -> dict[str, str]:
        return {what: bad_token(pool, user, fault, now=datetime.now(UTC)) for what, fault in _BAD.items()}

    def strangers_token(user: User) -> str:
        return of_somebody_else(access_token(pool, user), str(uuid4()), key=private_key(pool, "access"))

    return Credentials(token_for=source.token_for, bad_tokens=bad_tokens, strangers_token=strangers_token)
