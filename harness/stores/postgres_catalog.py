"""Comparing a live database with what its files make, column by column: finds what was changed by hand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from psycopg import sql

from harness.schema import Difference
from harness.stores.postgres_schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.schema import Migration
    from harness.stores.postgres_schema import Connection

_SCRATCH = "harness_scratch_"

#: (table, part of it, how it is defined); the parts of a table start with the table itself.
_PARTS = r"""
WITH tables AS (
  SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
    AND c.relname <> 'harness_migrations'
)
SELECT name, 'table', 'exists' FROM tables
UNION ALL
SELECT name, 'column ' || a.attname,
  format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM tables JOIN pg_attribute a ON a.attrelid = tables.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT name, 'constraint ' || k.conname, pg_get_constraintdef(k.oid)
FROM tables JOIN pg_constraint k ON k.conrelid = tables.oid AND k.contype <> 'n'
UNION ALL
SELECT name, 'index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
FROM tables JOIN pg_index i ON i.indrelid = tables.oid
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
"""

Catalog = dict[tuple[str, str], str]


def catalog(connection: Connection) -> Catalog:
    """Return every table's columns, constraints and indexes."""
    return {(str(table), str(part)): str(text) for table, part, text in connection.execute(_PARTS)}


def compare(wanted: Catalog, found: Catalog) -> Iterator[Difference]:
    """Yield what differs in the tables that the files make; further tables are the application's own."""
    tables = {table for table, _ in wanted}
    lost = {table for table in tables if (table, "table") not in found}
    for key in sorted(wanted.keys() | found.keys()):
        table, part = key
        if table not in tables or (table in lost and part != "table"):
            continue
        ours, theirs = wanted.get(key, "none"), found.get(key, "none")
        if ours != theirs:
            yield Difference(where=table, what=part, wanted=ours, found=theirs, remedy="by hand")


def may_try(connection: Connection) -> bool:
    """Tell whether this user may make a scratch database."""
    row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return row == (True,)


def expected(connection: Connection, connect: Callable[[str], Connection], ran: tuple[Migration, ...]) -> Catalog:
    """Run the files in a scratch database, return its catalog, and drop it."""
    _drop_left_over(connection)
    name = f"{_SCRATCH}{os.getpid()}"
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        with connect(name) as scratch:
            for _ in migrate(scratch, ran):
                pass
            return catalog(scratch)
    finally:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop_left_over(connection: Connection) -> None:
    """Drop scratch databases of harnesses that were killed: nobody is connected to them."""
    rows = connection.execute(
        "SELECT datname FROM pg_database d WHERE starts_with(datname, %s)"
        " AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)",
        [_SCRATCH],
    ).fetchall()
    for (name,) in rows:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(str(name))))
