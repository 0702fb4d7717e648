"""Plain psycopg connections for applications: the target that scenarios speak to, and tests."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from harness.stores.postgres_errors import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.endpoint import PostgresEndpoint


def connect(endpoint: PostgresEndpoint) -> Any:
    """Return a connection in autocommit mode."""
    import psycopg  # noqa: PLC0415 - only those who connect pay for the import

    with translated(endpoint):
        return psycopg.connect(endpoint.dsn, autocommit=True, connect_timeout=10)


@contextmanager
def application_connection(endpoint: PostgresEndpoint) -> Iterator[Any]:
    """Connect in autocommit mode until the block ends."""
    with closing(connect(endpoint)) as connection:
        yield connection


def make_read_only(endpoint: PostgresEndpoint) -> None:
    """Let the database refuse writes of all connections that begin from now on, unless they insist."""
    import psycopg  # noqa: PLC0415
    from psycopg.sql import SQL, Identifier  # noqa: PLC0415

    with translated(endpoint), psycopg.connect(endpoint.dsn, autocommit=True, connect_timeout=10) as connection:
        alter = SQL("ALTER DATABASE {} SET default_transaction_read_only = on")
        connection.execute(alter.format(Identifier(endpoint.database)))


@contextmanager
def reading_connection(endpoint: PostgresEndpoint, tell: Callable[[str], object]) -> Iterator[Any]:
    """Connect to a database that refuses writes; what was refused is told, in case that nobody looks at the error."""
    import psycopg  # noqa: PLC0415

    class Telling(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().execute(query, *args, **kwargs)
            except psycopg.errors.ReadOnlySqlTransaction:
                tell(query if isinstance(query, str) else repr(query))
                raise

    with application_connection(endpoint) as connection:
        connection.cursor_factory = Telling
        yield connection
