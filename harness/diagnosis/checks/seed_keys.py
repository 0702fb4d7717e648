"""What an item must look like so that the access patterns find it and can read it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.conversations import read_conversations
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.seed_runs import seed_sources
from harness.project.place import Place
from harness.project.seed_code import group_writes, message_writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Conversations, Entry, Kind
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Edit
    from harness.held import Table
    from harness.project.roles import Role
    from harness.project.source import Source

_READERS: tuple[Role, ...] = ("table-library", "pattern-messages", "pattern-groups", "stream-handler")
_RIGHT: dict[Kind, str] = {"message": "MSG#", "group row": "GRP#"}
_QUOTED_PREFIX = re.compile(r"""["'](?P<prefix>[ A-Za-z_]{2,24}[ #\-_:/|.]+)""")
_NEEDED: dict[Kind, tuple[str, ...]] = {
    "message": ("message", "message_uuid", "user_uuid", "user_display_name", "user_handle"),
    "group row": ("message", "message_group_uuid", "user_uuid", "user_display_name", "user_handle"),
}
_NOTHING = frozenset({"", "None", "null", "undefined"})


@check(
    "SEED310",
    example="""
    bin/ddb/seed:  'pk': {'S': f"MSG-{message_group_uuid}"}
    lib/ddb.py:    ':pk': {'S': f"MSG#{message_group_uuid}"}    <- finds nothing
    """,
)
def keys_begin_as_they_are_read(facts: Facts) -> Iterator[Problem]:
    """Partition keys begin with the prefix that the reads ask for: MSG# for messages, GRP# for group rows.

    Write the same prefix, letter for letter, where the item is written and where it is read.
    """
    read = _prefixes_read(facts)
    for each in read_conversations(facts.held):
        groups: dict[tuple[Kind, str], list[Entry]] = defaultdict(list)
        for entry in each.entries:
            groups[entry.kind, entry.prefix].append(entry)
        for (kind, prefix), entries in groups.items():
            wanted = _wanted(kind, read)
            if prefix not in wanted:
                yield _other_prefix(facts, entries, wanted[0])


def _prefixes_read(facts: Facts) -> frozenset[str]:
    sources = facts.project.with_role(*_READERS) if facts.project else ()
    return frozenset(
        found["prefix"]
        for source in sources
        if "table-seed" not in source.roles
        for found in _QUOTED_PREFIX.finditer(source.text)
    )


def _wanted(kind: Kind, read: frozenset[str]) -> list[str]:
    """Return the prefixes that reads may mean for a kind of item; the usual one where they don't tell."""
    letters = "m" if kind == "message" else "g"
    words = re.compile(r"\s*(msgs?|messages?)\W*_*" if letters == "m" else r"\s*(gro?u?ps?)\W*_*", re.IGNORECASE)
    return sorted(prefix for prefix in read if words.fullmatch(prefix)) or [_RIGHT[kind]]


def _other_prefix(facts: Facts, entries: list[Entry], wanted: str) -> Problem:
    first = entries[0]
    what = f"begins with {first.prefix!r}" if first.prefix else "has no prefix"
    found = [
        (source, number)
        for source in seed_sources(facts)
        for number, line in enumerate(source.lines, 1)
        if first.prefix and re.search(rf"[\"']{re.escape(first.prefix)}", line)
    ]
    kind = "messages" if first.kind == "message" else "group rows"
    return Problem(
        cause=f"the partition key of {len(entries)} {kind} {what}, and they are read by {wanted!r}",
        place=Place(path=found[0][0].path, line=found[0][1]) if found else _place(facts, first.kind),
        evidence=(Evidence(text=str(first)),),
        edits=_prefix_edit(found, first.prefix, wanted),
    )


def _prefix_edit(found: list[tuple[Source, int]], prefix: str, wanted: str) -> tuple[Edit, ...]:
    if len(found) != 1:
        return ()
    source, number = found[0]
    line = line_at(source, number)
    if len(re.findall(rf"[\"']{re.escape(prefix)}", line)) != 1:
        return ()
    return (replace_line(source, number, re.sub(rf"([\"']){re.escape(prefix)}", rf"\g<1>{wanted}", line)),)


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
    for each in read_conversations(facts.held):
        kinds: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in each.entries:
            for name in _NEEDED[entry.kind]:
                if (value := entry.item.get(name)) and "S" not in value:
                    kinds[name, next(iter(value))].append(entry)
        for (name, kind), entries in kinds.items():
            value = entries[0].item[name][kind]
            is_typed = kind == "M" and isinstance(value, dict) and set(value) == {"S"}
            why = ": DynamoDB JSON was given to the resource API, which wraps it once more" if is_typed else ""
            yield Problem(
                cause=f"{name} of {len(entries)} items is of type {kind}, not S{why}",
                place=_place(facts, entries[0].kind),
                evidence=(Evidence(text=f"{entries[0]} {name}={dict(entries[0].item[name])}"[:300]),),
            )


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
    for each in read_conversations(facts.held):
        lacking: dict[tuple[Kind, str], list[Entry]] = defaultdict(list)
        for entry in each.entries:
            for name in _NEEDED[entry.kind]:
                if (read is None or name in read) and _is_lacking(entry, name):
                    lacking[entry.kind, name].append(entry)
        for (kind, name), entries in lacking.items():
            yield _lacks(facts, each, kind, name, entries)


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
    return value is None or (value.get("S") in _NOTHING and name != "message")


def _lacks(facts: Facts, each: Conversations, kind: Kind, name: str, entries: list[Entry]) -> Problem:
    total = len(each.messages if kind == "message" else each.rows)
    value = entries[0].item.get(name, {}).get("S")
    how = "have no" if value is None else f"have {value!r} as"
    index = _index_by(each.table, name)
    why = f", and so are not in the index {index}" if index and value is None else ""
    return Problem(
        cause=f"{len(entries)} of {total} {'messages' if kind == 'message' else 'group rows'} {how} {name}{why}",
        place=_place(facts, kind),
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
    for each in read_conversations(facts.held):
        index = _index_by(each.table, "message_group_uuid")
        carrying = [entry for entry in each.messages if "message_group_uuid" in entry.item]
        if index and carrying:
            yield Problem(
                cause=f"{len(carrying)} of {len(each.messages)} messages carry message_group_uuid, so the index {index} "
                "holds them as if they were group rows",
                place=_place(facts, "message"),
                evidence=(Evidence(text=str(carrying[0])),),
            )


def _index_by(table: Table, name: str) -> str | None:
    for index in table.description.get("GlobalSecondaryIndexes") or ():
        keys = {each.get("KeyType"): each.get("AttributeName") for each in index.get("KeySchema", ())}
        if keys.get("HASH") == name:
            return str(index.get("IndexName"))
    return None


def _place(facts: Facts, kind: Kind) -> Place | None:
    for source in seed_sources(facts):
        writes = message_writes(source) if kind == "message" else group_writes(source)
        return Place(path=source.path, line=writes[0].line if writes else 0)
    return None
