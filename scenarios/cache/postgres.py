"""Users in the database of record."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg import sql

from .model import DatabaseDown, NoSuchUser, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from .model import Key

_COLUMNS = sql.SQL("uuid::text, handle, display_name, cognito_user_id")
_CHANGEABLE = frozenset({"handle", "display_name", "cognito_user_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersInPostgres:
    """Reads and changes `public.users`."""

    #: Lends a connection, and commits or rolls back when it gets it back: `psycopg_pool.ConnectionPool.connection`.
    lend: Callable[[], AbstractContextManager[Any]]

    def find(self, key: Key) -> User | None:
        """Read who is there. A connection that died while nobody used it is no sign that the database is down."""
        if key.leads_nowhere:
            return None
        try:
            return self._find(key)
        except psycopg.OperationalError:
            with _answering():
                return self._find(key)
        except psycopg.Error as error:
            raise DatabaseDown(str(error)) from error

    def change(self, user_uuid: str, changes: Mapping[str, str]) -> tuple[User, User]:
        """Change a user and return it as it was and as it is. IntegrityError where somebody else has the handle."""
        if not changes or changes.keys() - _CHANGEABLE:
            raise TypeError(
                f"what can be changed is {', '.join(sorted(_CHANGEABLE))}, not {', '.join(changes) or 'nothing'}"
            )
        settings = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
        )
        update = sql.SQL("UPDATE public.users SET {} WHERE uuid = %(uuid)s::uuid RETURNING {}").format(
            settings, _COLUMNS
        )
        with _answering(), self._transaction() as connection:
            before = self._locked(connection, user_uuid)
            after = _user(connection.execute(update, {**changes, "uuid": before.uuid}).fetchone())
        return before, after

    def add(self, user: User) -> None:
        """Add a user."""
        values = (user.uuid, user.handle, user.display_name, user.cognito_user_id, f"{user.handle}@example.com")
        with _answering(), self._transaction() as connection:
            connection.execute(
                "INSERT INTO public.users (uuid, handle, display_name, cognito_user_id, email) VALUES (%s, %s, %s, %s, %s)",
                values,
            )

    def remove(self, user_uuid: str) -> User:
        """Remove a user and return it."""
        with _answering(), self._transaction() as connection:
            user = self._locked(connection, user_uuid)
            connection.execute("DELETE FROM public.users WHERE uuid = %s::uuid", (user.uuid,))
        return user

    def _find(self, key: Key) -> User | None:
        query = sql.SQL("SELECT {} FROM public.users WHERE {} = %s ORDER BY uuid LIMIT 1").format(
            _COLUMNS, sql.Identifier(key.by)
        )
        with self.lend() as connection:
            row = connection.execute(query, (key.value,)).fetchone()
        return None if row is None else _user(row)

    def _locked(self, connection: Any, user_uuid: str) -> User:
        query = sql.SQL("SELECT {} FROM public.users WHERE uuid = %s FOR UPDATE").format(_COLUMNS)
        try:
            row = connection.execute(query, (UUID(user_uuid),)).fetchone()
        except ValueError:
            raise NoSuchUser(f"{user_uuid!r} is no user's uuid") from None
        if row is None:
            raise NoSuchUser(f"there is no user {user_uuid}")
        return _user(row)

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self.lend() as connection, connection.transaction():
            # Where the server doesn't wait for its log, as local ones don't, a crash would undo what was acknowledged.
            connection.execute("SET LOCAL synchronous_commit = on")
            yield connection


def _user(row: tuple[str, str, str, str]) -> User:
    uuid, handle, display_name, cognito_user_id = row
    return User(uuid=uuid, handle=handle, display_name=display_name, cognito_user_id=cognito_user_id)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what psycopg raises into DatabaseDown, but for what the database answered of the data."""
    try:
        yield
    except (psycopg.IntegrityError, psycopg.DataError):
        raise
    except psycopg.Error as error:
        raise DatabaseDown(str(error)) from error
