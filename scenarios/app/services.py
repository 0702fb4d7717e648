"""What the application is made of, opened once for all requests."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scenarios.messaging import Messaging, People, Table

from .keys import Keys
from .postgres import open_postgres
from .tokens import Verifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Who may ask, who is who, and the four calls."""

    verifier: Verifier
    people: People
    messaging: Messaging


@contextmanager
def open_services(settings: Settings, *, threads: int = 8) -> Iterator[Services]:
    """Open them until the block ends. Nothing has to answer yet: requests are told what doesn't."""
    with (
        open_postgres(settings.connection_url, connections=threads, patience=settings.patience) as postgres,
        closing(dynamodb_client(threads, settings.patience)) as client,
    ):
        people = People(connection=postgres)
        yield Services(
            verifier=Verifier(keys=Keys(settings.jwks_url), issuer=settings.issuer, client_id=settings.client_id),
            people=people,
            messaging=Messaging(
                table=Table(client=client, name=settings.table), people=people, clock=lambda: datetime.now(UTC)
            ),
        )


def dynamodb_client(connections: int, patience: float) -> Any:
    """Return a client that tries three times, which throttling often needs."""
    import boto3  # noqa: PLC0415 - a test that brings its own table doesn't pay for it
    from botocore.config import Config  # noqa: PLC0415

    return boto3.Session().client(
        "dynamodb",
        config=Config(
            connect_timeout=patience,
            read_timeout=patience,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=connections,
        ),
    )
