"""A plain psycopg connection for the target that scenarios speak to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.stores.postgres_errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import PostgresEndpoint


@contextmanager
def application_connection(endpoint: PostgresEndpoint) -> Iterator[Any]:
    """Connect in autocommit mode until the block ends."""
    import psycopg  # noqa: PLC0415 - only those who connect pay for the import

    with translated(endpoint):
        connection = psycopg.connect(endpoint.dsn, autocommit=True, connect_timeout=10)
    try:
        yield connection
    finally:
        connection.close()
