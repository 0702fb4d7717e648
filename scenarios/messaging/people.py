"""Who is who: users live in Postgres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from harness.target import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a conversation shows of a user."""

    uuid: str
    display_name: str
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Looks people up."""

    connection: Any

    def find(self, user_uuid: str) -> Person:
        """Return the user, or raise Refused(`user_unknown`)."""
        try:
            wanted = UUID(user_uuid)
        except ValueError:
            raise Refused("user_unknown", f"{user_uuid!r} is no user's uuid") from None
        row = self.connection.execute(
            "SELECT uuid::text, display_name, handle FROM public.users WHERE uuid = %s", (wanted,)
        ).fetchone()
        if row is None:
            raise Refused("user_unknown", f"there is no user {user_uuid}")
        return Person(uuid=row[0], display_name=row[1], handle=row[2])
