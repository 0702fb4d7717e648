"""The tables of one Postgres database with their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from harness.held import Column, Relation
from harness.stores.postgres_errors import translated

if TYPE_CHECKING:
    from harness.endpoint import PostgresEndpoint

    Connection = psycopg.Connection[tuple[Any, ...]]

#: More are counted, and not read.
_MOST_ROWS = 5_000
_CONNECT_SECONDS = 5

_TABLES = r"""
SELECT c.oid::bigint, n.nspname, c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
  AND NOT c.relispartition AND c.relname <> 'harness_migrations'
ORDER BY n.nspname, c.relname
"""
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull, atthasdef OR attidentity <> ''
FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
#: Partial indexes and those on expressions keep no column unique.
_UNIQUE = """
SELECT (SELECT array_agg(a.attname ORDER BY k.n)
        FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(number, n)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number)
FROM pg_index i WHERE i.indrelid = %s AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY 1
"""


def survey_relations(endpoint: PostgresEndpoint) -> dict[str, Relation]:
    """Return every table of the database, those of `public` by name alone; none where there is no such database."""
    with translated(endpoint):
        try:
            connection = psycopg.connect(endpoint.dsn, connect_timeout=_CONNECT_SECONDS, application_name="harness")
        except psycopg.OperationalError as error:
            if f'database "{endpoint.database}" does not exist' in str(error):
                return {}
            raise
        with connection:
            connection.read_only = True
            connection.execute("SET TIME ZONE 'UTC'")
            found = connection.execute(_TABLES).fetchall()
            return {
                (name if schema == "public" else f"{schema}.{name}"): _relation(connection, oid, schema, name)
                for oid, schema, name in found
            }


def _relation(connection: Connection, oid: int, schema: str, name: str) -> Relation:
    columns = tuple(
        Column(name=column, type=kind, nullable=nullable, has_default=default)
        for column, kind, nullable, default in connection.execute(_COLUMNS, [oid])
    )
    table = sql.Identifier(schema, name)
    rows = connection.execute(sql.SQL("SELECT * FROM {} LIMIT {}").format(table, _MOST_ROWS))
    names = [column.name for column in rows.description or ()]
    read = tuple({name: _plain(value) for name, value in zip(names, row, strict=True)} for row in rows)
    (count,) = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone() or (0,)
    unique = tuple(tuple(key) for (key,) in connection.execute(_UNIQUE, [oid]) if key)
    return Relation(
        name=name if schema == "public" else f"{schema}.{name}", columns=columns, rows=read, unique=unique, count=count
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)
