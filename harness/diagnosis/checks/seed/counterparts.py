"""Who is meant by the user of an item: the sender of a message, the other person of a group row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Problem
from harness.diagnosis.people import name_evidence, read_people
from harness.diagnosis.seed_places import write_lines, write_place
from harness.diagnosis.seed_runs import finished, seed_sources
from harness.project.seed.spoken_text import spoken_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Entry
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.people import Person

#: Fewer messages may well be of one person.
_TELLING = 6


@check(
    "SEED307",
    requires={"SEED305"},
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
    for each in facts.conversations:
        own = [row for row in each.rows if _shows_owner(row, people)]
        if own:
            yield Problem(
                cause=f"{len(own)} of {len(each.rows)} group rows show their own owner: under {own[0].pk} "
                f"user_uuid is {own[0].text('user_uuid')} and user_handle {own[0].text('user_handle')!r}",
                place=write_place(facts, "group row"),
                evidence=(*name_evidence(own), *write_lines(facts, "group row")),
            )


def _shows_owner(row: Entry, people: dict[str, Person]) -> bool:
    shown = (row.text("user_uuid") or "").lower()
    owner = people.get(row.owner.lower())
    if shown:
        return shown == row.owner.lower()
    return owner is not None and owner.handle is not None and row.text("user_handle") == owner.handle


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
        spoken = spoken_text(source, facts.project)
        if spoken is None or len(spoken.speakers) < 2:  # noqa: PLR2004 - a conversation takes two
            continue
        for each in facts.conversations:
            for group, messages in each.messages_by_group.items():
                senders = {(entry.text("user_uuid"), entry.text("user_handle")) for entry in messages}
                if len(messages) >= _TELLING and len(senders) == 1:
                    yield Problem(
                        cause=f"all {len(messages)} messages of {group} are sent by {messages[0].text('user_handle')!r}, "
                        f"though {' and '.join(spoken.speakers)} speak in the text",
                        place=write_place(facts, "message"),
                        evidence=(*name_evidence(messages), *write_lines(facts, "message")),
                    )
