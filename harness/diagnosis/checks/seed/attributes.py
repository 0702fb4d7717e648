"""What items carry, so that the access patterns can read them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.people import NO_NAME
from harness.diagnosis.seed_places import write_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from harness.diagnosis.conversations import Conversations, Entry, Kind
    from harness.diagnosis.facts import Facts
    from harness.held import Table
    from harness.project.roles import Role

_READERS: tuple[Role, ...] = ("table-library", "pattern-messages", "pattern-groups", "stream-handler")
_NEEDED: dict[Kind, tuple[str, ...]] = {
    "message": ("message", "message_uuid", "user_uuid", "user_display_name", "user_handle"),
    "group row": ("message", "message_group_uuid", "user_uuid", "user_display_name", "user_handle"),
}


@check(
    "SEED311",
    example="""
    'message': {'N': '1'}    where item['message']['S'] is read: KeyError
    """,
)
def attributes_are_texts(facts: Facts) -> Iterator[Problem]:
    """The attributes of messages and group rows are texts, type S.

    Write {'S': str(value)}; with the resource API, the plain text.
    """
    for each in facts.conversations:
        kinds: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in each.entries:
            for name in _NEEDED[entry.kind]:
                if (value := entry.item.get(name)) and "S" not in value:
                    kinds[name, next(iter(value))].append(entry)
        for (name, kind), entries in kinds.items():
            yield Problem(
                cause=f"{name} of {len(entries)} items is of type {kind}, not S{_why(entries[0].item[name])}",
                place=write_place(facts, entries[0].kind),
                evidence=(Evidence(text=f"{entries[0]} {name}={dict(entries[0].item[name])}"[:300]),),
            )


def _why(value: Mapping[str, Any]) -> str:
    match value:
        case {"M": {"S": _}}:
            return ": DynamoDB JSON was given to the resource API, which wraps it once more"
        case {"NULL": _}:
            return ": None was given, so what was looked up is not there"
    return ""


@check(
    "SEED312",
    example="""
    a group row without message_group_uuid: it is not in the index message-group-sk-index, and item['message_group_uuid'] is a KeyError
    """,
)
def attributes_are_there(facts: Facts) -> Iterator[Problem]:
    """Messages and group rows have all attributes that the access patterns read, and none is empty.

    Add the attribute to the item that the seed writes.
    """
    read = _names_read(facts)
    for each in facts.conversations:
        lacking: dict[str, list[Entry]] = defaultdict(list)
        for entry in each.entries:
            for name in _NEEDED[entry.kind]:
                if (read is None or name in read) and _is_lacking(entry, name):
                    lacking[name].append(entry)
        # What the same items lack was forgotten together.
        together: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, entries in lacking.items():
            together[tuple(map(str, entries))].append(name)
        for names in together.values():
            yield _lacks(facts, each, names, lacking[names[0]])


def _names_read(facts: Facts) -> frozenset[str] | None:
    """Return the attribute names in the project's reads; None where there are no such files."""
    sources = facts.project.with_role(*_READERS) if facts.project else ()
    if not sources:
        return None
    names = {name for some in _NEEDED.values() for name in some}
    return frozenset(name for name in names if any(re.search(rf"[\"']{name}[\"']", source.text) for source in sources))


def _is_lacking(entry: Entry, name: str) -> bool:
    value = entry.item.get(name)
    # An empty text is a message that somebody may have sent; an empty name is none.
    return value is None or (value.get("S") in NO_NAME and name != "message")


def _lacks(facts: Facts, each: Conversations, names: list[str], entries: list[Entry]) -> Problem:
    kind = entries[0].kind
    of_one_kind = all(entry.kind == kind for entry in entries)
    alike = [entry for entry in each.entries if entry.kind == kind or not of_one_kind]
    what = f"{kind}s" if of_one_kind else "items"
    value = entries[0].item.get(names[0], {}).get("S")
    how = "have no" if value is None else f"have {value!r} as"
    index = next((index for name in names if (index := _index_by(each.table, name))), None)
    why = f", and so are not in the index {index}" if index and value is None else ""
    return Problem(
        cause=f"{len(entries)} of {len(alike)} {what} {how} {', '.join(names)}{why}",
        place=write_place(facts, kind),
        evidence=(Evidence(text=f"{entries[0]}: {', '.join(sorted(entries[0].item))}"),),
    )


@check(
    "SEED313",
    severity="warning",
    requires={"SEED312"},
    example="""
    MSG#…  message_group_uuid = 5ae290ed-…    <- the index then holds 104 messages beside the two group rows
    """,
)
def index_holds_group_rows_only(facts: Facts) -> Iterator[Problem]:
    """Only group rows carry message_group_uuid, the key of the index.

    Leave message_group_uuid out of messages: it is in their pk already. The stream handler takes every row of the index
    for a group row, deletes it and puts it again.
    """
    for each in facts.conversations:
        index = _index_by(each.table, "message_group_uuid")
        carrying = [entry for entry in each.messages if "message_group_uuid" in entry.item]
        if index and carrying:
            yield Problem(
                cause=f"{len(carrying)} of {len(each.messages)} messages carry message_group_uuid, so the index {index} "
                "holds them as if they were group rows",
                place=write_place(facts, "message"),
                evidence=(Evidence(text=str(carrying[0])),),
            )


def _index_by(table: Table, name: str) -> str | None:
    for index in table.description.get("GlobalSecondaryIndexes") or ():
        keys = {each.get("KeyType"): each.get("AttributeName") for each in index.get("KeySchema", ())}
        if keys.get("HASH") == name:
            return str(index.get("IndexName"))
    return None
