"""Whoever is named in an item is a user of Postgres, and is named rightly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.asked_handles import promised
from harness.diagnosis.check import check
from harness.diagnosis.finding import Problem
from harness.diagnosis.people import NO_NAME, column_with, name_evidence, read_people
from harness.diagnosis.seed_places import write_lines, write_place
from harness.diagnosis.seed_runs import is_of_rehearsal, seed_sources
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.diagnosis.conversations import Conversations, Entry
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.people import Person

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


@check(
    "SEED308",
    severity="warning",
    requires={"SEED101", "SEED307"},
    example="""
    user_uuid = <uuid of andrewbrown>    user_handle = "bayko"
    """,
)
def names_are_of_their_user(facts: Facts) -> Iterator[Problem]:
    """The user_handle and user_display_name of an item are those of its user_uuid in Postgres.

    Take all three from the same row of users.
    """
    wrong = list(_misnamed(facts))
    if wrong:
        entry, name, told, right = wrong[0]
        holder = next((one for one in read_people(facts).values() if told in {one.handle, one.display_name}), None)
        whose = f", which is another user's ({holder.uuid})" if holder else ""
        count = len({str(one) for one, *_ in wrong})
        yield Problem(
            cause=f"{count} items name a user by what is not theirs: {name} is {told!r}{whose}, and the user "
            f"{entry.text('user_uuid')} has {right!r}",
            place=write_place(facts, entry.kind),
            evidence=(*name_evidence(one for one, *_ in wrong), *write_lines(facts, entry.kind)),
        )


def _misnamed(facts: Facts) -> Iterator[tuple[Entry, str, str, str]]:
    """Yield items with the attribute that is wrong, what it says, and what is right."""
    people = read_people(facts)
    names = {person.display_name for person in people.values()}
    for entry in (entry for each in facts.conversations for entry in each.entries):
        person = people.get((entry.text("user_uuid") or "").lower())
        handle, name = entry.text("user_handle"), entry.text("user_display_name")
        if person is None:
            continue
        if handle not in {None, *NO_NAME} and person.handle is not None and handle != person.handle:
            yield entry, "user_handle", str(handle), person.handle
        # People change their display names, and messages keep the old ones: only of a fresh seed is that wrong.
        if (
            name not in {None, *NO_NAME}
            and person.display_name not in {None, name}
            and (is_of_rehearsal(facts) or name in names)
        ):
            yield entry, "user_display_name", str(name), str(person.display_name)


@check(
    "SEED309",
    requires={"SEED101", "SEED310"},
    example="""
    pk = GRP#f73f4b05-…, and users has no such uuid: it was copied from an earlier load of db/seed.sql
    """,
)
def uuids_are_of_users(facts: Facts) -> Iterator[Problem]:
    """Every user uuid in the table is that of a user in Postgres.

    Look the uuid up by handle when the seed runs, or give users their uuids in db/seed.sql. A second load of Postgres
    makes new ones; fill the table again after it.
    """
    people = read_people(facts)
    if not people:
        return
    known = people.keys() | {text.lower() for text in promised(facts)}
    for each in facts.conversations:
        strangers = {
            uuid: entry for entry in reversed(each.entries) for uuid in _uuids(entry) if uuid.lower() not in known
        }
        if strangers:
            yield _unknown(facts, each, strangers, people)


def _uuids(entry: Entry) -> Iterator[str]:
    """Yield whom an item names by uuid; that there is none is the business of SEED312."""
    if (uuid := entry.text("user_uuid")) not in {None, *NO_NAME}:
        yield str(uuid)
    if entry.kind == "group row":
        yield entry.owner


def _unknown(facts: Facts, each: Conversations, strangers: dict[str, Entry], people: dict[str, Person]) -> Problem:
    uuid, entry = next(iter(strangers.items()))
    literal = _literal(facts, strangers)
    listed = ", ".join(f"{person.handle} {person.uuid}" for person in list(people.values())[:3])
    more = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
    return Problem(
        cause=f"the table names a user {uuid!r}{more} that users does not have{_why(facts, each, uuid, literal)}; "
        f"users has {listed}",
        place=literal or write_place(facts, entry.kind),
        evidence=(*name_evidence(strangers.values()), *write_lines(facts, entry.kind)),
    )


def _why(facts: Facts, each: Conversations, uuid: str, literal: Place | None) -> str:
    if uuid in each.rows_by_group or uuid in each.messages_by_group:
        return "; it is the uuid of a message group"
    if (column := column_with(facts, uuid)) is not None:
        return f"; it stands in the column {column} of users, not in uuid"
    if not _UUID.fullmatch(uuid):
        return "; it is no uuid at all"
    return f"; it is written out in {literal}, and Postgres made other ones" if literal is not None else ""


def _literal(facts: Facts, uuids: Iterable[str]) -> Place | None:
    for source in seed_sources(facts):
        for number, line in enumerate(source.lines, 1):
            if any(uuid in line for uuid in uuids if len(uuid) > len("None")):
                return Place(path=source.path, line=number)
    return None
