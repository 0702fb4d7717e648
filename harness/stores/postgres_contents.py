"""What all tables of a database hold, row by row, for comparing two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from harness.stores.postgres_errors import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.endpoint import PostgresEndpoint
    from harness.stores.postgres_schema import Connection

#: An open transaction may hold a table for ever; nobody waits for it that long.
_LOCK_TIMEOUT = "2s"

#: Every table but the record of migrations, with its primary key's columns.
_TABLES = r"""
SELECT n.nspname::text, c.relname::text,
  coalesce((SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = c.oid AND i.indisprimary), '{}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname <> 'information_schema'
  AND n.nspname NOT LIKE 'pg\_%' AND c.relname <> 'harness_migrations'
ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContents:
    """The rows of one table, as JSON values by column."""

    #: Columns of the primary key; none where the table has none.
    key: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]


def read_contents(endpoint: PostgresEndpoint) -> dict[str, TableContents]:
    """Read every table of a database as of one moment, by name such as `public.users`."""
    with (
        translated(endpoint),
        psycopg.connect(endpoint.dsn, autocommit=True, connect_timeout=5, application_name="harness") as connection,
        connection.transaction(),
    ):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute("SELECT set_config('lock_timeout', %s, true)", [_LOCK_TIMEOUT])
        tables = connection.execute(_TABLES).fetchall()
        return {
            f"{namespace}.{name}": TableContents(key=tuple(key), rows=_rows(connection, namespace, name))
            for namespace, name, key in tables
        }


def _rows(connection: Connection, namespace: str, name: str) -> tuple[Mapping[str, Any], ...]:
    select = sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(sql.Identifier(namespace, name))
    return tuple(row for (row,) in connection.execute(select))  # type: ignore[misc]
