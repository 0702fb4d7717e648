"""Filling `public.users` and `public.activities`, and reading back what they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from psycopg import sql

from harness.dataset import ACTIVITY_COLUMNS, USER_COLUMNS
from harness.digest import TableDigest
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.dataset import Dataset, Progress
    from harness.digest import Value
    from harness.stores.postgres_schema import Connection

LOCK_TIMEOUT = "10s"

#: Tables in the order in which they are filled: a table after those that it refers to.
SEEDED: tuple[tuple[str, Sequence[str]], ...] = (("users", USER_COLUMNS), ("activities", ACTIVITY_COLUMNS))

#: Tables that point at the seeded ones, however many steps away: TRUNCATE would take their rows along.
_REFERRING = """
WITH RECURSIVE referring(oid) AS (
  SELECT conrelid FROM pg_constraint
  WHERE contype = 'f' AND confrelid IN (to_regclass('public.users'), to_regclass('public.activities'))
  UNION
  SELECT k.conrelid FROM pg_constraint k JOIN referring r ON k.confrelid = r.oid WHERE k.contype = 'f'
)
SELECT n.nspname::text, c.relname::text FROM referring r
JOIN pg_class c ON c.oid = r.oid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid NOT IN (to_regclass('public.users'), to_regclass('public.activities')) ORDER BY 1, 2"""


def fill(connection: Connection, dataset: Dataset, progress: Progress) -> None:
    """Replace the rows of both tables, in one transaction."""
    rows = {"users": [user.row() for user in dataset.users], "activities": [each.row() for each in dataset.activities]}
    with connection.transaction():
        # An application that sleeps inside a transaction must give an error, not a loader that hangs.
        connection.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        connection.execute("LOCK TABLE public.users, public.activities IN ACCESS EXCLUSIVE MODE")
        _refuse_loss(connection)
        connection.execute("TRUNCATE public.users, public.activities CASCADE")
        for table, columns in SEEDED:
            _copy(connection, table, columns, rows[table])
    for table, _ in SEEDED:
        progress(f"public.{table}", len(rows[table]), len(rows[table]))


def digest(connection: Connection, table: str, columns: Sequence[str]) -> TableDigest:
    """Digest a table in the order of a dataset's columns; a missing table is an empty one."""
    result = TableDigest()
    if connection.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone() == (None,):
        return result
    select = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join(_readable(column) for column in columns), sql.Identifier("public", table)
    )
    with connection.transaction(), connection.cursor(name="harness_digest") as cursor:
        cursor.itersize = 2000
        for row in cursor.execute(select):
            result.add_row([_aware(value) for value in row])
    return result


def _copy(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier("public", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _refuse_loss(connection: Connection) -> None:
    for schema, name in connection.execute(_REFERRING).fetchall():
        table = sql.Identifier(str(schema), str(name))
        if connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(table)).fetchone() is not None:
            raise UsageError(
                f"{schema}.{name} refers to the seeded tables and holds rows, which loading the seed would delete",
                hint=f"`TRUNCATE {schema}.{name}` if they may go, or `harness schema load --recreate`",
            )


def _readable(column: str) -> sql.Composable:
    """Read uuids as text, whichever type a schema of the user's own gave them."""
    identifier = sql.Identifier(column)
    return sql.SQL("{}::text").format(identifier) if column.endswith("uuid") else identifier


def _aware(value: object) -> Value:
    """Read a timestamp without a zone, which a schema of the user's own may have, as UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value
    if value is None or isinstance(value, (str, int)):
        return value
    return str(value)
