"""Who is who: users live in Postgres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from harness.target import Refused

_QUERIES = {
    column: f"SELECT uuid::text, display_name, handle FROM public.users WHERE {column} = %s LIMIT 2"  # noqa: S608 - names
    for column in ("uuid", "handle", "cognito_user_id")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a conversation shows of a user."""

    uuid: str
    display_name: str
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Looks people up."""

    #: Has `execute(query, parameters)`, which returns what has `fetchall()`: a psycopg connection, or a pool of them.
    connection: Any

    def find(self, user_uuid: str) -> Person:
        """Return the user, or raise Refused(`user_unknown`)."""
        try:
            wanted = UUID(user_uuid)
        except ValueError:
            raise Refused("user_unknown", f"{user_uuid!r} is no user's uuid") from None
        return self._only("uuid", wanted, f"user {user_uuid}")

    def by_handle(self, handle: str) -> Person:
        """Return the user, or raise Refused (`user_unknown`; `user_ambiguous` where several have the handle)."""
        return self._only("handle", handle, f"user @{handle}")

    def by_cognito_user_id(self, cognito_user_id: str) -> Person:
        """Return whose token it is, by its `sub`, or raise Refused (`user_unknown`, `user_ambiguous`)."""
        return self._only("cognito_user_id", cognito_user_id, f"user with cognito_user_id {cognito_user_id}")

    def _only(self, column: str, value: UUID | str, whom: str) -> Person:
        if isinstance(value, str) and not _storable(value):
            raise Refused("user_unknown", "that is no text that Postgres could hold")
        # Nothing makes handles and cognito ids unique: taking the first of several would be taking anybody.
        rows = self.connection.execute(_QUERIES[column], (value,)).fetchall()
        if len(rows) != 1:
            reason = "user_ambiguous" if rows else "user_unknown"
            raise Refused(reason, f"there is {'more than one' if rows else 'no'} {whom}")
        ((uuid, display_name, handle),) = rows
        return Person(uuid=uuid, display_name=display_name, handle=handle)


def _storable(text: str) -> bool:
    """Tell whether Postgres could hold a text: no NUL, no half characters."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
