"""Seeded users who sign in to a user pool of the tests' own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.environment import identity_variables
from harness.identity import tokens
from harness.identity.faults import Fault

if TYPE_CHECKING:
    from harness.dataset import User
    from harness.endpoint import UserPool
    from harness.identity.tokens import Use


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What `harness_user_pool` is."""

    pool: UserPool

    @property
    def environment(self) -> dict[str, str]:
        """What an application reads to verify the pool's tokens."""
        return identity_variables(self.pool)

    def token_for(self, user: User, *, use: Use = "access", fault: str | None = None) -> str:
        """Return a new token of a seeded user; bad in one way with a fault, such as `expired` or `wrong-audience`."""
        good = tokens.give_token(self.pool, user, use)
        if fault is None:
            return good
        return tokens.spoiled(good, self.pool, Fault.named(fault), use=use, now=datetime.now(UTC))
