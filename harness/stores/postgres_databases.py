"""Whole databases of a server: cloned from a template, dropped, listed, and the locks that tell who lives."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors, sql
from psycopg.pq import TransactionStatus

from harness.errors import EnvironmentFailure, UsageError
from harness.stores.postgres_errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import LiteralString

    from harness.endpoint import PostgresEndpoint
    from harness.stores.postgres_schema import Connection

    Rows = list[tuple[object, ...]]

_CONNECT_SECONDS = 10
#: FILE_COPY takes half of WAL_LOG's time for a small database; servers before 15 know no other way and no such word.
_STRATEGY_SINCE = 150000
#: Every harness has to take its locks in the same one: an advisory lock is of one database.
_MEETING_PLACES = ("postgres", "template1")

#: What was said by ALTER DATABASE … SET, which a clone does not get by itself.
_SETTINGS = """
SELECT split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) AS setting
WHERE s.setrole = 0 AND d.datname = %s ORDER BY 1"""

_OTHERS = "FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'"

Settings = tuple[tuple[str, str], ...]


class Databases:
    """The databases of one server, through a connection to another one than those. Safe to share between threads.

    A lock that was taken is held until `close`, or the end of this process, however it ends; a connection that was cut
    is made anew with its locks.
    """

    def __init__(self, endpoint: PostgresEndpoint) -> None:
        self.endpoint = endpoint
        self._held: Connection | None = None
        self._locks: set[tuple[LiteralString, int, int]] = set()
        self._guard = threading.RLock()

    def clone(self, name: str, template: str, settings: Settings = ()) -> None:
        """Make a database as its template is; one of that name that is there already is in the way, and dropped."""
        with translated(self.endpoint):
            try:
                self._clone(name, template)
            except errors.DuplicateDatabase:
                self.drop(name)
                self._clone(name, template)
            for key, value in settings:
                statement = sql.SQL("ALTER DATABASE {} SET {} TO {}")
                self._run(statement.format(sql.Identifier(name), sql.Identifier(key), sql.Literal(value)))

    def _clone(self, name: str, template: str) -> None:
        with self._guard:
            strategy = " STRATEGY FILE_COPY" if self._connection().info.server_version >= _STRATEGY_SINCE else ""
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}" + strategy)
            self._run(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def drop(self, name: str) -> None:
        """Drop a database and end whatever is connected to it; one that is gone is gone."""
        with translated(self.endpoint):
            self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def seal(self, name: str) -> None:
        """Make a database a template: whole, and closed to connections, so that it can be cloned at any time."""
        with translated(self.endpoint):
            statement = sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
            self._run(statement.format(sql.Identifier(name)))

    def unseal_and_drop(self, name: str) -> None:
        """Drop a template."""
        with translated(self.endpoint), suppress(errors.InvalidCatalogName):
            self._run(sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE false").format(sql.Identifier(name)))
        self.drop(name)

    def sealed(self, name: str) -> bool:
        """Whether a database is there and was made a template: nobody does that before it is whole."""
        with translated(self.endpoint):
            return self._run("SELECT datistemplate FROM pg_database WHERE datname = %s", [name]) == [(True,)]

    def exists(self, name: str) -> bool:
        """Whether there is a database of that name."""
        with translated(self.endpoint):
            return self._run("SELECT FROM pg_database WHERE datname = %s", [name]) == [()]

    def named(self, prefix: str) -> tuple[tuple[str, str | None], ...]:
        """Return the databases whose names begin so, each with its comment, the oldest first."""
        with translated(self.endpoint):
            found = self._run(
                "SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database"
                " WHERE starts_with(datname, %s) ORDER BY oid",
                [prefix],
            )
        return tuple((str(name), None if comment is None else str(comment)) for name, comment in found)

    def comment(self, name: str, text: str) -> None:
        """Write something on a database that everybody can read."""
        with translated(self.endpoint):
            self._run(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text)))

    def settings(self, name: str) -> Settings:
        """Return what was said of a database by ALTER DATABASE … SET."""
        with translated(self.endpoint):
            return tuple((str(key), str(value)) for key, value in self._run(_SETTINGS, [name]))

    def may_create(self) -> bool:
        """Whether this user may make databases."""
        with translated(self.endpoint):
            found = self._run("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        return found == [(True,)]

    def is_elsewhere(self) -> bool:
        """Whether we are connected to another database than the one we were given, which can then be copied or renamed."""
        with translated(self.endpoint):
            return self._run("SELECT current_database()") != [(self.endpoint.database,)]

    def end_connections(self, name: str) -> int:
        """End what is connected to a database, and return how many that were."""
        with translated(self.endpoint):
            return len(self._run("SELECT pg_terminate_backend(pid) " + _OTHERS, [name]))

    def swap(self, name: str, successor: str, aside: str) -> None:
        """Let `successor` take the place of `name`, which becomes `aside`: both or neither, whenever we are killed."""
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with translated(self.endpoint), self._guard, self._connection().transaction():
            self._run(rename.format(sql.Identifier(name), sql.Identifier(aside)))
            self._run(rename.format(sql.Identifier(successor), sql.Identifier(name)))

    def hold_on(self) -> None:
        """Make sure that the locks are still ours: a connection that was cut is made anew with them."""
        with translated(self.endpoint):
            self._run("SELECT 1")

    def try_lock(self, kind: int, number: int) -> bool:
        """Take a lock if nobody has it, also not as a shared one."""
        with translated(self.endpoint), self._guard:
            taken = self._run("SELECT pg_try_advisory_lock(%s, %s)", [kind, number]) == [(True,)]
            if taken:
                self._locks.add(("pg_try_advisory_lock", kind, number))
            return taken

    def lock_shared(self, kind: int, number: int) -> None:
        """Take a lock that others may have too, unless somebody has it alone."""
        with translated(self.endpoint), self._guard:
            self._run("SELECT pg_advisory_lock_shared(%s, %s)", [kind, number])
            self._locks.add(("pg_advisory_lock_shared", kind, number))

    @contextmanager
    def locked(self, kind: int, number: int) -> Iterator[None]:
        """Have a lock alone for this block, and wait for whoever has it."""
        with translated(self.endpoint):
            self._run("SELECT pg_advisory_lock(%s, %s)", [kind, number])
        try:
            yield
        finally:
            if self._held is not None and not self._held.closed:
                self._run("SELECT pg_advisory_unlock(%s, %s)", [kind, number])

    def unlock(self, kind: int, number: int) -> None:
        """Give back a lock of `try_lock`."""
        with translated(self.endpoint), self._guard:
            self._locks.discard(("pg_try_advisory_lock", kind, number))
            self._run("SELECT pg_advisory_unlock(%s, %s)", [kind, number])

    def close(self) -> None:
        """Close the connection, which gives back every lock."""
        with self._guard:
            self._locks.clear()
            if self._held is not None:
                self._held.close()
                self._held = None

    def _run(self, statement: str | sql.Composable, parameters: Sequence[object] = ()) -> Rows:
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
        """Connect to the first database that takes us and isn't the one we were given, else to that one."""
        for database in _MEETING_PLACES:
            if database != self.endpoint.database:
                with suppress(psycopg.OperationalError):
                    return _connect(replace(self.endpoint, database=database))
        return _connect(self.endpoint)


def _connect(endpoint: PostgresEndpoint) -> Connection:
    return psycopg.connect(
        endpoint.dsn, autocommit=True, connect_timeout=_CONNECT_SECONDS, application_name="harness namespaces"
    )


def require_right(databases: Databases, doing: str) -> None:
    """Raise UsageError where this user may make no databases."""
    if not databases.may_create():
        endpoint = databases.endpoint
        raise UsageError(
            f"{doing} takes databases of its own, and user {endpoint.user!r} may make none at {endpoint.shown}",
            hint=f"ALTER ROLE {endpoint.user} CREATEDB, as a superuser there",
        )
