"""Whose tokens an application is shown: good ones of users, bad ones, and a stranger's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.dataset import User


def no_bad_tokens(_: User) -> dict[str, str]:
    """Who can't sign can't make bad ones."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where tokens come from."""

    token_for: Callable[[User], str]
    #: Tokens of a user that an application must answer with 401, by what is wrong with them.
    bad_tokens: Callable[[User], Mapping[str, str]] = no_bad_tokens
    #: A token like a user's and as good, but of nobody in Postgres; None where none can be had.
    strangers_token: Callable[[User], str] | None = None


def from_template(template: str) -> Credentials:
    """Make tokens of a user's fields in braces, for applications that take such in tests."""

    def token_for(user: User) -> str:
        fields = ("uuid", "handle", "email", "cognito_user_id")
        return template.format(**{name: getattr(user, name) for name in fields})

    return Credentials(token_for=token_for)
