"""The Postgres store: connections, migrations and rows."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from harness.dataset import USER_COLUMNS, User
from harness.errors import EnvironmentFailure
from harness.stores.postgres_catalog import catalog, expected, may_try
from harness.stores.postgres_catalog import compare as compare_catalogs
from harness.stores.postgres_errors import explain, translated
from harness.stores.postgres_load import SEEDED, digest, fill
from harness.stores.postgres_schema import applied, begin_anew, compare, migrate, one_at_a_time, refuse_changed

if TYPE_CHECKING:
    from typing import LiteralString

    from harness.dataset import Dataset, Progress
    from harness.digest import TableDigest
    from harness.endpoint import PostgresEndpoint
    from harness.schema import Difference, Schema
    from harness.stores.postgres_schema import Connection

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 5
_PEOPLE: LiteralString = "SELECT uuid::text, display_name, handle, email, cognito_user_id, created_at FROM public.users"


class PostgresStore:
    """What lives in one Postgres database."""

    def __init__(self, endpoint: PostgresEndpoint) -> None:
        self.endpoint = endpoint
        self._held: Connection | None = None

    def probe(self) -> None:
        """Ask for 1."""
        self._connection().execute("SELECT 1")

    def diff(self, schema: Schema) -> tuple[Difference, ...]:
        """Compare the files with the record of what ran, and, where a scratch database may be made, the tables too."""
        with translated(self.endpoint):
            connection = self._connection()
            ran = applied(connection)
            differences = tuple(compare(schema.migrations, ran, self.endpoint.database))
            if any(difference.remedy == "recreate" for difference in differences):
                return differences
            if not self.endpoint.is_local or not may_try(connection):
                log.info("only the record of applied files is compared: no scratch database at %s", self.endpoint.shown)
                return differences
            files = tuple(migration for migration in schema.migrations if migration.name in ran)
            wanted = expected(connection, partial(_connect, self.endpoint), files)
            return differences + tuple(compare_catalogs(wanted, catalog(connection)))

    def check_applicable(self, schema: Schema) -> None:
        """Raise UsageError for a file that changed, or went away, after it ran."""
        with translated(self.endpoint):
            ran = applied(self._connection())
        differences = tuple(compare(schema.migrations, ran, self.endpoint.database))
        refuse_changed(differences, schema.migrations)

    def apply(self, schema: Schema, *, recreate: bool = False) -> tuple[str, ...]:
        """Run files that didn't run yet; `recreate` drops everything first, in the same transaction."""
        with translated(self.endpoint):
            connection = self._connection()
            with one_at_a_time(connection):
                if not recreate:
                    self.check_applicable(schema)
                    return tuple(migrate(connection, schema.migrations))
                with connection.transaction():
                    begin_anew(connection)
                    dropped = f"database {self.endpoint.database}: everything in it dropped"
                    return (dropped, *migrate(connection, schema.migrations))

    def load(self, dataset: Dataset, schema: Schema, *, progress: Progress) -> None:  # noqa: ARG002 - of the Protocol
        """Replace the rows of `public.users` and `public.activities`: all or, when the server goes away, none."""
        try:
            fill(self._connection(), dataset, progress)
        except psycopg.Error as exc:
            cause = explain(exc, self.endpoint)
            if not isinstance(cause, EnvironmentFailure):
                raise cause from exc
            raise EnvironmentFailure(
                f"loading broke off: none of {len(dataset.users)} users and {len(dataset.activities)} activities "
                f"were loaded. {cause.message}",
                hint=f"{cause.hint}; then `harness seed` begins anew",
            ) from exc

    def digests(self, dataset: Dataset) -> dict[str, TableDigest]:  # noqa: ARG002 - of the Protocol
        """Digest what both tables hold."""
        with translated(self.endpoint):
            return {f"public.{table}": digest(self._connection(), table, columns) for table, columns in SEEDED}

    def list_users(self) -> tuple[User, ...]:
        """Everybody in `public.users`, by handle."""
        with translated(self.endpoint):
            rows = self._connection().execute(_PEOPLE + " ORDER BY handle").fetchall()
        return tuple(_user(row) for row in rows)

    def user_by_handle(self, handle: str) -> User | None:
        """Whoever has this handle, or None."""
        with translated(self.endpoint):
            row = self._connection().execute(_PEOPLE + " WHERE handle = %s", [handle]).fetchone()
        return _user(row) if row else None

    def close(self) -> None:
        """Close the connection."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def _connection(self) -> Connection:
        """Return the open connection, or a new one where there is none or its server went away."""
        if self._held is None or self._held.closed:
            self._held = _connect(self.endpoint, self.endpoint.database)
        return self._held


def _connect(endpoint: PostgresEndpoint, database: str) -> Connection:
    connection = psycopg.connect(
        endpoint.dsn,
        dbname=database,
        autocommit=True,
        connect_timeout=_CONNECT_SECONDS,
        application_name="harness",
    )
    connection.execute("SET TIME ZONE 'UTC'")
    return connection


def _user(row: tuple[object, ...]) -> User:
    return User(**dict(zip(USER_COLUMNS, row, strict=True)))  # type: ignore[arg-type]
