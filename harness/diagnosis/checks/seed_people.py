"""Who is named in an item: the sender of a message, the other person of a group row, a user of Postgres."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.conversations import read_conversations
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.people import read_people
from harness.diagnosis.seed_runs import finished, seed_sources
from harness.project.place import Place
from harness.project.seed_code import group_writes, message_writes, spoken_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.diagnosis.conversations import Conversations, Entry, Kind
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.people import Person

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
#: Fewer messages may well be of one person.
_TELLING = 6


@check(
    "SEED307",
    example="""
    pk = GRP#<my uuid>    user_uuid = <my uuid>    user_handle = my own: I see a conversation with myself
    """,
)
def group_rows_show_the_other_person(facts: Facts) -> Iterator[Problem]:
    """The user_* of a group row are those of the other person, not of the list's owner.

    On a message, user_* is who sent it; on a group row, it is whom the owner of the list talks to. Hand the group row
    under GRP#<my uuid> the other person's uuid, display name and handle, and the reverse.
    """
    people = read_people(facts)
    for each in read_conversations(facts.held):
        own = [row for row in each.rows if _shows_owner(row, people)]
        if own:
            yield Problem(
                cause=f"{len(own)} of {len(each.rows)} group rows show their own owner: under {own[0].pk} "
                f"user_uuid is {own[0].text('user_uuid')} and user_handle {own[0].text('user_handle')!r}",
                place=_place(facts, "group row"),
                evidence=(*_shown(own), *_code(facts, "group row")),
            )


def _shows_owner(row: Entry, people: dict[str, Person]) -> bool:
    shown = (row.text("user_uuid") or "").lower()
    owner = people.get(row.owner.lower())
    if shown:
        return shown == row.owner.lower()
    return owner is not None and owner.handle is not None and row.text("user_handle") == owner.handle


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
    people = read_people(facts)
    other: list[tuple[Entry, str, str, str]] = []
    for each in read_conversations(facts.held):
        for entry in each.entries:
            person = people.get((entry.text("user_uuid") or "").lower())
            if person is not None:
                other += [(entry, *wrong) for wrong in _other_names(entry, person)]
    if other:
        entry, name, told, right = other[0]
        holder = next((p for p in people.values() if told in {p.handle, p.display_name}), None)
        whose = f", which is another user's ({holder.uuid})" if holder else ""
        count = len({str(one) for one, *_ in other})
        yield Problem(
            cause=f"{count} items name a user by what is not theirs: {name} is {told!r}{whose}, and the user "
            f"{entry.text('user_uuid')} has {right!r}",
            place=_place(facts, entry.kind),
            evidence=(*_shown(one for one, *_ in other), *_code(facts, entry.kind)),
        )


def _other_names(entry: Entry, person: Person) -> Iterator[tuple[str, str, str]]:
    for name, right in (("user_handle", person.handle), ("user_display_name", person.display_name)):
        told = entry.text(name)
        if told and right is not None and told != right:
            yield name, told, right


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
    for each in read_conversations(facts.held):
        strangers = {
            uuid: entry for entry in reversed(each.entries) for uuid in _uuids(entry) if uuid.lower() not in people
        }
        if strangers:
            yield _unknown(facts, each, strangers, people)


def _uuids(entry: Entry) -> Iterator[str]:
    if (uuid := entry.text("user_uuid")) is not None:
        yield uuid
    if entry.kind == "group row":
        yield entry.owner


def _unknown(facts: Facts, each: Conversations, strangers: dict[str, Entry], people: dict[str, Person]) -> Problem:
    uuid, entry = next(iter(strangers.items()))
    listed = ", ".join(f"{person.handle} {person.uuid}" for person in list(people.values())[:3])
    groups = each.rows_by_group.keys() | each.messages_by_group.keys()
    literal = _literal(facts, strangers)
    why = ""
    if uuid in groups:
        why = "; it is the uuid of a message group"
    elif not _UUID.fullmatch(uuid):
        why = "; it is no uuid at all"
    elif literal is not None:
        why = f"; it is written out in {literal}, and Postgres made other ones"
    more = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
    return Problem(
        cause=f"the table names a user {uuid}{more} that users does not have{why}; users has {listed}",
        place=literal or _place(facts, entry.kind),
        evidence=tuple(_shown(strangers.values())),
    )


def _literal(facts: Facts, uuids: Iterable[str]) -> Place | None:
    for source in seed_sources(facts):
        for number, line in enumerate(source.lines, 1):
            if any(uuid in line for uuid in uuids if len(uuid) > len("None")):
                return Place(path=source.path, line=number)
    return None


@check(
    "SEED314",
    severity="warning",
    requires={"SEED103", "SEED308", "SEED305"},
    example="""
    Person 1 and Person 2 speak in the text, and user_uuid is the same in every message
    """,
)
def both_people_speak(facts: Facts) -> Iterator[Problem]:
    """Each person of the conversation's text sends the lines that are theirs.

    Pick the sender by what the line begins with, and hand that user's uuid, display name and handle to the write.
    """
    if not finished(facts):
        return
    for source in seed_sources(facts):
        spoken = spoken_text(source)
        if spoken is None or len(spoken.speakers) < 2:  # noqa: PLR2004 - a conversation takes two
            continue
        for each in read_conversations(facts.held):
            for group, messages in each.messages_by_group.items():
                senders = {entry.text("user_uuid") or entry.text("user_handle") for entry in messages}
                if len(messages) >= _TELLING and len(senders) == 1:
                    yield Problem(
                        cause=f"all {len(messages)} messages of {group} are sent by {messages[0].text('user_handle')!r}, "
                        f"though {' and '.join(spoken.speakers)} speak in the text",
                        place=_place(facts, "message"),
                        evidence=(*_shown(messages), *_code(facts, "message")),
                    )


def _place(facts: Facts, kind: Kind) -> Place | None:
    for source in seed_sources(facts):
        writes = message_writes(source) if kind == "message" else group_writes(source)
        return Place(path=source.path, line=writes[0].line if writes else 0)
    return None


def _code(facts: Facts, kind: Kind) -> Iterator[Evidence]:
    place = _place(facts, kind)
    if place is not None and place.line and facts.project is not None:
        yield Evidence(text=line_at(facts.project.sources[place.path], place.line).strip(), place=place)


def _shown(entries: Iterable[Entry]) -> list[Evidence]:
    names = ("user_uuid", "user_handle", "user_display_name")
    return [
        Evidence(text=f"{entry} " + " ".join(f"{name}={entry.text(name)}" for name in names))
        for entry in list(entries)[:2]
    ]
