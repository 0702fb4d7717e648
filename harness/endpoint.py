"""Where a service answers, and with which credentials."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Whether a host is surely this machine: localhost, a loopback address, or the folder of a Unix socket."""
    if host == "localhost" or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsEndpoint:
    """Where a service of AWS answers, or what stands in for it."""

    #: For example `http://127.0.0.1:8000`.
    url: str
    region: str = "us-east-1"
    #: MiniStack reads a 12-digit access key id as an account; every other key shares one account.
    access_key_id: str = "local"
    secret_access_key: str = field(default="local", repr=False)  # local engines check no signature
    session_token: str | None = field(default=None, repr=False)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(urlsplit(self.url).hostname or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoDBEndpoint(AwsEndpoint):
    """Where DynamoDB (and DynamoDB Streams, on the same port) answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityEndpoint(AwsEndpoint):
    """Where Cognito user pools (`cognito-idp`) answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPool:
    """A Cognito user pool and its app client."""

    endpoint: IdentityEndpoint
    #: `<region>_<nine letters and digits>`.
    pool_id: str
    #: Empty where it is not known: of a pool that is only read.
    client_id: str = ""
    #: The folder in which the service keeps the pool's private keys; None where it is not ours.
    keys: Path | None = None

    @property
    def shown(self) -> str:
        """Where it answers and what it is called, for reports."""
        return f"{self.endpoint.url.rstrip('/')}/{self.pool_id}"

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens: AWS's address, wherever the pool is served."""
        return f"https://cognito-idp.{self.pool_id.partition('_')[0]}.amazonaws.com/{self.pool_id}"

    @property
    def jwks_url(self) -> str:
        """Where its public keys are (developer guide, "Verifying JSON web tokens")."""
        return f"{self.shown}/.well-known/jwks.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresEndpoint:
    """Where PostgreSQL answers."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    #: Further libpq parameters of an external DSN, such as `sslmode`, in the order they were written.
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)

    @property
    def dsn(self) -> str:
        """The connection URI (PostgreSQL manual, 32.1.1.2), password included."""
        return self._uri(f"{quote(self.user, safe='')}:{quote(self.password, safe='')}")

    @property
    def shown(self) -> str:
        """The connection URI with the password hidden, for logs and reports."""
        return self._uri(f"{quote(self.user, safe='')}:***")

    def _uri(self, userinfo: str) -> str:
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in self.parameters)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{userinfo}@{host}:{self.port}/{quote(self.database, safe='')}" + (
            f"?{query}" if query else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The pair that a stack offers."""

    dynamodb: DynamoDBEndpoint
    postgres: PostgresEndpoint
