"""Group rows: one for each person, both of one message group, which has messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.people import read_people
from harness.diagnosis.seed_places import write_lines, write_place
from harness.diagnosis.seed_runs import finished, is_of_rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Conversations, Entry
    from harness.diagnosis.facts import Facts

#: A dictionary, list or tuple that was written into a text, with its first key if it has one.
_WHOLE = re.compile(r"[{\[(](?P<key>'\w+'(?=:))?.*[}\])]\Z", re.DOTALL)


@check(
    "SEED301",
    requires={"SEED305"},
    example="""
    pk = GRP#<my uuid>       message_group_uuid = 5ae2…
    pk = GRP#<other uuid>    is missing: the other person's list does not have the conversation
    """,
)
def both_people_have_a_group_row(facts: Facts) -> Iterator[Problem]:
    """Each message group has a group row for both people.

    Write the group row a second time, under GRP#<uuid of the other person>, with the user_* of the first one.
    """
    people = read_people(facts)
    if not finished(facts):
        return
    for each in facts.conversations:
        alone = [
            rows[0]
            for rows in each.rows_by_group.values()
            if len({row.owner for row in rows}) == 1
            and _partner(rows[0])
            and not _mirrors(each, rows[0])
            and (not people or rows[0].owner.lower() in people)  # else both may be in nobody's list
        ]
        if each.is_whole and each.messages and alone:
            yield _one_sided(facts, each, alone)


def _partner(row: Entry) -> str | None:
    """Return the person whom a group row shows; None where that is its owner, or nobody."""
    shown = row.text("user_uuid")
    return None if not shown or shown.lower() == row.owner.lower() else shown


def _mirrors(each: Conversations, row: Entry) -> list[Entry]:
    """Return rows that are the other half of this one but name another message group."""
    return [
        other
        for other in each.rows
        if other.owner == _partner(row)
        and _partner(other) == row.owner
        and other.message_group != row.message_group
        and len({one.owner for one in each.rows_by_group.get(other.message_group or "", ())}) == 1
    ]


def _one_sided(facts: Facts, each: Conversations, alone: list[Entry]) -> Problem:
    first = alone[0]
    partner = _partner(first)
    taken = next((row for row in each.rows if row.owner == partner and row.sk == first.sk), None)
    more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
    why = (
        f"; {taken} holds the place, for the message group {taken.message_group}: a key of owner and time keeps one of two"
        if taken
        else ""
    )
    return Problem(
        cause=f"the message group {first.message_group}{more} has a group row of {first.owner} and none of {partner}{why}",
        place=write_place(facts, "group row"),
        evidence=(Evidence(text=str(first)), *write_lines(facts, "group row")),
    )


@check(
    "SEED302",
    example="""
    pk = GRP#<my uuid>       message_group_uuid = 5ae290ed-…
    pk = GRP#<other uuid>    message_group_uuid = 77b1c0de-…    <- each call makes a uuid of its own
    """,
)
def both_group_rows_name_one_group(facts: Facts) -> Iterator[Problem]:
    """The two group rows of a conversation have the same message_group_uuid.

    Make the uuid once, before both writes, and hand it to both.
    """
    if not finished(facts):
        return
    for each in facts.conversations:
        pairs = {
            tuple(sorted((str(row), str(other)))): (row, other)
            for row in each.rows
            if len({one.owner for one in each.rows_by_group.get(row.message_group or "", ())}) == 1
            for other in _mirrors(each, row)
        }
        for row, other in list(pairs.values())[:1]:
            more = f" ({len(pairs)} conversations)" if len(pairs) > 1 else ""
            yield Problem(
                cause=f"{row.owner} and {other.owner} have group rows for each other with different uuids, "
                f"{row.message_group} and {other.message_group}{more}",
                place=write_place(facts, "group row"),
                evidence=(Evidence(text=str(row)), Evidence(text=str(other)), *write_lines(facts, "group row")),
            )


@check(
    "SEED306",
    requires={"SEED102", "SEED302", "SEED310", "SEED312", "SEED402"},
    example="""
    pk = MSG#5ae290ed-…                        104 messages
    message_group_uuid = 77b1c0de-…            in both group rows
    """,
)
def messages_and_group_rows_meet(facts: Facts) -> Iterator[Problem]:
    """The uuid in MSG#… is the message_group_uuid of two group rows.

    Use one message_group_uuid for the messages and for both group rows.
    """
    if not finished(facts):
        return
    for each in facts.conversations:
        if not each.is_whole or not each.rows or not each.messages:
            continue
        orphans = sorted(each.messages_by_group.keys() - each.rows_by_group.keys())
        # What is deleted later on leaves its group rows behind: only a fresh seed tells.
        empty = sorted(each.rows_by_group.keys() - each.messages_by_group.keys()) if is_of_rehearsal(facts) else []
        if orphans or empty:
            yield _apart(facts, each, orphans, empty)


def _apart(facts: Facts, each: Conversations, orphans: list[str], empty: list[str]) -> Problem:
    messages, advice = sum(len(each.messages_by_group[group]) for group in orphans), ""
    if orphans and empty:
        cause = (
            f"{messages} messages are filed under MSG#{orphans[0]}, and group rows lead to {empty[0]}, which has none"
        )
    elif orphans:
        cause = f"{messages} messages are filed under MSG#{orphans[0]}, to which no group row leads"
    else:
        cause = f"group rows lead to the message group {empty[0]}, which has no message"
    if orphans and orphans[0].lower() in read_people(facts):
        cause += "; that is the uuid of a user, not of a message group"
    elif orphans and any(entry.text("message_uuid") == orphans[0] for entry in each.messages_by_group[orphans[0]]):
        cause += "; that is the message's own uuid, so each message has a partition to itself"
    elif orphans and (whole := _WHOLE.match(orphans[0])):
        cause += "; that is all that a function returned, and not the uuid in it"
        advice = (
            f"Take the uuid out of what is returned, such as `group[{whole['key'] or '…'}]`, before it goes into a key."
        )
    shown = [each.messages_by_group[group][0] for group in orphans[:1]]
    shown += [row for group in empty[:1] for row in each.rows_by_group[group][:1]] if empty else list(each.rows[:1])
    return Problem(
        cause=cause,
        place=write_place(facts, "message" if orphans else "group row"),
        evidence=tuple(Evidence(text=_told(entry)) for entry in shown),
        advice=advice,
    )


def _told(entry: Entry) -> str:
    return f"{entry} message_group_uuid={entry.message_group}" if entry.kind == "group row" else str(entry)
