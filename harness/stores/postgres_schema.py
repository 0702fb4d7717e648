"""SQL files as migrations: each in one transaction with the record that it ran."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from harness.errors import UsageError
from harness.schema import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.schema import Migration

    Connection = psycopg.Connection[tuple[object, ...]]

Remedy = Literal["in place", "recreate"]

#: Any number will do, as long as every harness takes the same.
_LOCK = 7_305_808_869

_RECORD = """
CREATE TABLE IF NOT EXISTS public.harness_migrations (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT current_timestamp
)"""

_OWN_SCHEMAS = """
SELECT nspname::text FROM pg_namespace
WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%' ORDER BY nspname"""

_END_IDLE_TRANSACTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user
  AND state LIKE 'idle in transaction%'"""


def applied(connection: Connection) -> dict[str, str]:
    """Return the checksum of each file that ran, by name."""
    if connection.execute("SELECT to_regclass('public.harness_migrations')").fetchone() == (None,):
        return {}
    rows = connection.execute("SELECT name, checksum FROM public.harness_migrations")
    return {str(name): str(checksum) for name, checksum in rows}


def compare(migrations: tuple[Migration, ...], ran: dict[str, str], database: str) -> Iterator[Difference]:
    """Yield what of the files isn't in the database's record, and the other way round."""
    for migration in migrations:
        found = ran.get(migration.name)
        if found is None:
            yield _difference(database, migration.name, "applied", "not applied", "in place")
        elif found != migration.checksum:
            yield _difference(database, migration.name, migration.checksum[:12], found[:12], "recreate")
    for name in sorted(ran.keys() - {migration.name for migration in migrations}):
        yield _difference(database, name, "no such file", "applied", "recreate")


def refuse_changed(differences: tuple[Difference, ...], migrations: tuple[Migration, ...]) -> None:
    """Raise for a file that changed, or went away, after it ran."""
    sources = {migration.name: migration.source for migration in migrations}
    for difference in differences:
        if difference.remedy != "recreate":
            continue
        name = difference.what.removeprefix("migration ")
        said = (
            f"{sources[name]} changed after it was applied (checksum {difference.wanted}, applied was {difference.found})"
            if name in sources
            else f"{name} was applied to {difference.where}, and its file is gone"
        )
        raise UsageError(
            said, hint="put the file back and write a new one, or `harness schema load --recreate` to begin anew"
        )


@contextmanager
def one_at_a_time(connection: Connection) -> Iterator[None]:
    """Hold the lock that makes two harnesses wait for each other; a broken connection gives it back by itself."""
    connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def migrate(connection: Connection, migrations: tuple[Migration, ...]) -> Iterator[str]:
    """Run what didn't run yet, in name order."""
    connection.execute(_RECORD)
    ran = applied(connection)
    for migration in migrations:
        if migration.name not in ran:
            _run(connection, migration)
            yield f"{migration.name}: applied"


def begin_anew(connection: Connection) -> None:
    """Drop everything in the database, inside the caller's transaction.

    Not DROP DATABASE: this needs no right to make databases, applications keep their connections, and killed
    half-way it leaves what was there. A session that sleeps inside a transaction is ended, as its locks would hold us.
    """
    connection.execute(_END_IDLE_TRANSACTIONS)
    connection.execute("SET LOCAL lock_timeout TO '10s'")
    for (name,) in connection.execute(_OWN_SCHEMAS).fetchall():
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(str(name))))
    connection.execute("CREATE SCHEMA public")
    connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _run(connection: Connection, migration: Migration) -> None:
    try:
        with connection.transaction():
            connection.execute(migration.sql)
            if connection.info.transaction_status is not TransactionStatus.INTRANS:
                raise UsageError(
                    f"{migration.source}: it ended the transaction that it ran in, so its statements up to there stay",
                    hint=f"take COMMIT or END out of {migration.name}, then `harness schema load --recreate`",
                )
            connection.execute("SET search_path TO DEFAULT")
            connection.execute(
                "INSERT INTO public.harness_migrations (name, checksum) VALUES (%s, %s)",
                [migration.name, migration.checksum],
            )
    except psycopg.OperationalError:
        raise
    except psycopg.Error as exc:
        raise _explained(migration, exc) from exc


def _explained(migration: Migration, exc: psycopg.Error) -> UsageError:
    """Name file, line and column. The server counts characters from 1 in what it was sent: the whole file."""
    said = exc.diag.message_primary or str(exc)
    if exc.diag.message_detail:
        said += f" ({exc.diag.message_detail})"
    position = exc.diag.statement_position
    where = f":{_place(migration.sql, int(position) - 1)}" if position else ""
    if exc.diag.context and not position:
        said += f"; {exc.diag.context.splitlines()[0]}"
    return UsageError(
        f"{migration.source}{where}: {said}; nothing of this file was applied",
        hint=f"correct {migration.name}, then `harness schema load`",
    )


def _place(text: str, position: int) -> str:
    return f"{text.count(chr(10), 0, position) + 1}:{position - text.rfind(chr(10), 0, position)}"


def _difference(database: str, name: str, wanted: str, found: str, remedy: Remedy) -> Difference:
    return Difference(where=database, what=f"migration {name}", wanted=wanted, found=found, remedy=remedy)
