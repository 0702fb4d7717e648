"""The users of Postgres, as far as the table's items name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.diagnosis.finding import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.diagnosis.conversations import Entry
    from harness.diagnosis.facts import Facts


#: What stands where a name should, and is none.
NO_NAME = frozenset({"", "None", "null", "undefined"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A row of users."""

    uuid: str
    handle: str | None
    display_name: str | None


def read_people(facts: Facts) -> dict[str, Person]:
    """Return the users by uuid in small letters; none where not all of them are known."""
    users = facts.held.users
    if users is None or users.count > len(users.rows):
        return {}
    found = (
        Person(
            uuid=str(row["uuid"]).lower(), handle=_text(row.get("handle")), display_name=_text(row.get("display_name"))
        )
        for row in users.rows
        if row.get("uuid") is not None
    )
    return {person.uuid: person for person in found}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def column_with(facts: Facts, value: str) -> str | None:
    """Return the column of users that holds a value; None where none does."""
    users = facts.held.users
    rows = users.rows if users is not None and value else ()
    return next((name for row in rows for name, held in row.items() if str(held) == value), None)


def name_evidence(entries: Iterable[Entry]) -> list[Evidence]:
    """Return the first items with whom they name."""
    names = ("user_uuid", "user_handle", "user_display_name")
    return [
        Evidence(text=f"{entry} " + " ".join(f"{name}={entry.text(name)}" for name in names))
        for entry in list(entries)[:2]
    ]
