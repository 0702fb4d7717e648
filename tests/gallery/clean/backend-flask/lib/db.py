"""The connection to Postgres that scripts and application share."""

import os

from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool


class Db:
    def __init__(self):
        self._pool = None

    @property
    def pool(self):
        if self._pool is None:
            self._pool = ConnectionPool(os.environ["CONNECTION_URL"], min_size=1, open=True)
        return self._pool

    def template(self, *parts):
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "db", "sql")
        with open(os.path.join(folder, *parts) + ".sql") as file:
            return file.read()

    def query_rows(self, sql, params=None):
        with self.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(sql, params or {})
            return cursor.fetchall()

    def query_row(self, sql, params=None):
        rows = self.query_rows(sql, params)
        return rows[0] if rows else None

    def query_value(self, sql, params=None):
        row = self.query_row(sql, params)
        return next(iter(row.values())) if row else None

    def query_commit(self, sql, params=None):
        with self.pool.connection() as connection:
            connection.execute(sql, params or {})


db = Db()
