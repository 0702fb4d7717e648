"""`users.cognito_user_id`: read with its handle, and written, in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from harness.errors import UsageError
from harness.stores.postgres_errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import LiteralString

    from harness.endpoint import PostgresEndpoint

_CONNECT_SECONDS = 5
_ROWS: LiteralString = (
    "SELECT uuid::text, coalesce(handle, ''), coalesce(cognito_user_id, '') FROM public.users ORDER BY handle, uuid"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """What ties a row of `public.users` to a user of a pool."""

    uuid: str
    handle: str
    cognito_user_id: str


class UserTable:
    """`public.users` in one open transaction."""

    def __init__(self, connection: psycopg.Connection, *, read_only: bool) -> None:
        self._connection = connection
        self._read_only = read_only

    def rows(self) -> tuple[UserRow, ...]:
        """Return every row by handle; locked, if they are to be written."""
        found = self._connection.execute(_ROWS + ("" if self._read_only else " FOR UPDATE")).fetchall()
        return tuple(UserRow(uuid=uuid, handle=handle, cognito_user_id=sub) for uuid, handle, sub in found)

    def handles_of(self, sub: str) -> tuple[str, ...]:
        """Return the handles of whoever has this `cognito_user_id`."""
        query = "SELECT handle FROM public.users WHERE cognito_user_id = %s ORDER BY handle"
        return tuple(str(handle) for (handle,) in self._connection.execute(query, [sub]).fetchall())

    def set_cognito_ids(self, subs: Mapping[str, str]) -> None:
        """Set `cognito_user_id` by uuid.

        All are set aside first: two rows that change ids with each other would meet a unique index on the way.
        """
        cursor = self._connection.cursor()
        aside = "UPDATE public.users SET cognito_user_id = 'moving ' || uuid WHERE uuid::text = %s"
        cursor.executemany(aside, [(uuid,) for uuid in subs])
        final = "UPDATE public.users SET cognito_user_id = %s WHERE uuid::text = %s"
        cursor.executemany(final, [(sub, uuid) for uuid, sub in subs.items()])


@contextmanager
def user_table(endpoint: PostgresEndpoint, *, read_only: bool) -> Iterator[UserTable]:
    """Open the table in a transaction that is committed at the end of the block, or not at all."""
    with translated(endpoint):
        try:
            with psycopg.connect(
                endpoint.dsn, connect_timeout=_CONNECT_SECONDS, application_name="harness"
            ) as connection:
                connection.read_only = read_only
                yield UserTable(connection, read_only=read_only)
        except (errors.UndefinedTable, errors.UndefinedColumn) as exc:
            raise UsageError(
                f"{endpoint.shown} has no table public.users with uuid, handle and cognito_user_id: {exc}",
                hint="`harness schema load` makes one; or is another database meant?",
            ) from exc
