"""A connection to a PostgreSQL server, beside the databases that come and go on it, and the locks that tell who lives."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from harness.errors import EnvironmentFailure
from harness.stores.postgres_errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import LiteralString

    from harness.endpoint import PostgresEndpoint
    from harness.stores.postgres_schema import Connection

    Rows = list[tuple[object, ...]]

_CONNECT_SECONDS = 10
#: Every harness has to take its locks in the same one, whatever its project's is called: an advisory lock is of one database.
_MEETING_PLACES = ("postgres", "template1")


class Server:
    """One connection to where all harnesses meet on a server. Safe to share between threads.

    A lock that was taken is held until `close`, or the end of this process, however it ends; a connection that was cut
    is made anew with its locks.
    """

    def __init__(self, endpoint: PostgresEndpoint, *, besides: str | None = None) -> None:
        """`besides`: a database to keep away from, because it is to be copied or renamed."""
        self.endpoint = endpoint
        self._besides = besides
        self._held: Connection | None = None
        self._locks: set[tuple[LiteralString, int, int]] = set()
        self._guard = threading.RLock()

    def hold_on(self) -> None:
        """Make sure that the locks are still ours: a connection that was cut is made anew with them."""
        with translated(self.endpoint):
            self.run("SELECT 1")

    def try_lock(self, kind: int, number: int) -> bool:
        """Take a lock if nobody has it, also not as a shared one."""
        with translated(self.endpoint), self._guard:
            taken = self.run("SELECT pg_try_advisory_lock(%s, %s)", [kind, number]) == [(True,)]
            if taken:
                self._locks.add(("pg_try_advisory_lock", kind, number))
            return taken

    def lock_shared(self, kind: int, number: int) -> None:
        """Take a lock that others may have too, unless somebody has it alone."""
        with translated(self.endpoint), self._guard:
            self.run("SELECT pg_advisory_lock_shared(%s, %s)", [kind, number])
            self._locks.add(("pg_advisory_lock_shared", kind, number))

    @contextmanager
    def locked(self, kind: int, number: int) -> Iterator[None]:
        """Have a lock alone for this block, and wait for whoever has it."""
        with translated(self.endpoint):
            self.run("SELECT pg_advisory_lock(%s, %s)", [kind, number])
        try:
            yield
        finally:
            if self._held is not None and not self._held.closed:
                self.run("SELECT pg_advisory_unlock(%s, %s)", [kind, number])

    def unlock(self, kind: int, number: int) -> None:
        """Give back a lock of `try_lock`."""
        with translated(self.endpoint), self._guard:
            self._locks.discard(("pg_try_advisory_lock", kind, number))
            self.run("SELECT pg_advisory_unlock(%s, %s)", [kind, number])

    def close(self) -> None:
        """Close the connection, which gives back every lock."""
        with self._guard:
            self._locks.clear()
            if self._held is not None:
                self._held.close()
                self._held = None

    def run(self, statement: str | sql.Composable, parameters: Sequence[object] = ()) -> Rows:
        """Run one statement; once more where the connection turns out to be cut."""
        with self._guard:
            connection = self._connection()
            alone = connection.info.transaction_status is TransactionStatus.IDLE
            try:
                cursor = connection.execute(statement, parameters or None)  # type: ignore[arg-type]
            except psycopg.OperationalError:
                if not connection.broken or not alone:
                    raise
                cursor = self._connection().execute(statement, parameters or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description is not None else []

    def _connection(self) -> Connection:
        with self._guard:
            if self._held is None or self._held.closed:
                self._held = self._connect()
                for function, kind, number in tuple(self._locks):
                    self._take_again(self._held, function, kind, number)
            return self._held

    def _take_again(self, connection: Connection, function: LiteralString, kind: int, number: int) -> None:
        """Take a lock that the cut connection held; nobody else may have come first."""
        call = sql.SQL("SELECT " + function + "(%s, %s)")
        if connection.execute(call, [kind, number]).fetchone() == (False,):
            self._locks.discard((function, kind, number))
            raise EnvironmentFailure(
                f"Postgres at {self.endpoint.shown} cut our connection, and another harness took what it held",
                hint="run it again; what cut the connection? harness logs postgres",
            )

    def _connect(self) -> Connection:
        """Connect to the first meeting place that takes us, else to the endpoint's own database."""
        for database in _MEETING_PLACES:
            if database != self._besides:
                with suppress(psycopg.OperationalError):
                    return _connect(replace(self.endpoint, database=database))
        return _connect(self.endpoint)


def _connect(endpoint: PostgresEndpoint) -> Connection:
    return psycopg.connect(
        endpoint.dsn, autocommit=True, connect_timeout=_CONNECT_SECONDS, application_name="harness namespaces"
    )
