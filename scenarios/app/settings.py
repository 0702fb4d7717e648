"""What the application reads from its environment: the variables that `harness env` prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUIRED = (
    "CONNECTION_URL",
    "DDB_MESSAGE_TABLE",
    "AWS_COGNITO_ISSUER",
    "AWS_COGNITO_JWKS_URL",
    "AWS_COGNITO_USER_POOL_CLIENT_ID",
)


class MissingSettings(Exception):
    """The environment lacks variables; the message names all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where everything is. boto3 finds DynamoDB by AWS's own variables."""

    #: DSN of Postgres, password included.
    connection_url: str = field(repr=False)
    #: The DynamoDB table of the conversations.
    table: str
    #: The `iss` of good tokens, letter by letter.
    issuer: str
    jwks_url: str
    #: The app client that good tokens were made for.
    client_id: str
    #: Front ends that a browser may let read the answers.
    origins: frozenset[str]
    #: Seconds that a request waits for each answer of a database.
    patience: float = 3.0

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Settings:
        """Read the environment, or raise MissingSettings."""
        missing = [name for name in _REQUIRED if not environ.get(name)]
        if missing:
            raise MissingSettings(f"not set in the environment: {', '.join(missing)}")
        origins = (environ.get("FRONTEND_URL") or "http://localhost:3000", environ.get("BACKEND_URL"))
        return cls(
            connection_url=environ["CONNECTION_URL"],
            table=environ["DDB_MESSAGE_TABLE"],
            issuer=environ["AWS_COGNITO_ISSUER"],
            jwks_url=environ["AWS_COGNITO_JWKS_URL"],
            client_id=environ["AWS_COGNITO_USER_POOL_CLIENT_ID"],
            origins=frozenset(origin.rstrip("/") for origin in origins if origin),
        )
