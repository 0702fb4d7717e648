"""The conversations that a table holds: messages and group rows, told apart by what their keys begin with."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from harness.diagnosis.instants import Stamp, read_stamp

if TYPE_CHECKING:
    from harness.held import Held, Table

Kind = Literal["message", "group row"]
Item = Mapping[str, Mapping[str, Any]]

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
# What people write for `MSG#` and `GRP#`, and what follows it.
_PREFIX = re.compile(
    r"\s*(?P<word>msgs?|messages?|gro?u?ps?)(?P<separator>[^\w{\[(]*_*)(?P<owner>.*)", re.IGNORECASE | re.DOTALL
)
# Another word in their place; the attributes then tell what it is.
_OTHER = re.compile(rf"(?P<prefix>\s*[a-z]+(?:\W+|_+))(?P<owner>{_UUID.pattern})", re.IGNORECASE)
_IDENTITIES = frozenset({"message_uuid", "message_group_uuid"})
_OF_BOTH = frozenset({"message", "user_uuid", "user_handle"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A message or a group row."""

    kind: Kind
    item: Item
    pk: str
    sk: str
    #: What the partition key begins with, as it is: `MSG#`.
    prefix: str
    #: What follows: the message group of a message, the person whose list a group row is in.
    owner: str

    def text(self, name: str) -> str | None:
        """Return an attribute of type S."""
        value = self.item.get(name, {}).get("S")
        return value if isinstance(value, str) else None

    @property
    def message_group(self) -> str | None:
        """The message group it belongs to."""
        return self.owner if self.kind == "message" else self.text("message_group_uuid")

    @cached_property
    def stamp(self) -> Stamp | None:
        """The sort key as a timestamp."""
        return read_stamp(self.sk)

    def __str__(self) -> str:
        return f"pk={self.pk} sk={self.sk}"


@dataclass(frozen=True, kw_only=True)
class Conversations:
    """All of one table's messages and group rows, by key."""

    table: Table
    messages: tuple[Entry, ...]
    rows: tuple[Entry, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every item was read."""
        return self.table.count <= len(self.table.items)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Both kinds."""
        return self.rows + self.messages

    @cached_property
    def messages_by_group(self) -> dict[str, list[Entry]]:
        """The messages of each message group, by sort key."""
        return _by_group(self.messages)

    @cached_property
    def rows_by_group(self) -> dict[str, list[Entry]]:
        """The group rows of each message group; those that name none are left out."""
        return _by_group(self.rows)


def read_conversations(held: Held) -> tuple[Conversations, ...]:
    """Return the conversations of each table that has any."""
    found = (conversations_of(table) for _, table in sorted(held.tables.items()))
    return tuple(each for each in found if each is not None)


def conversations_of(table: Table) -> Conversations | None:
    """Return a table's messages and group rows; None where it is about something else."""
    hash_key, range_key = key_names(table)
    if range_key is None:
        return None
    entries = [entry for item in table.items if (entry := read_entry(item, hash_key, range_key)) is not None]
    if not any(entry.prefix and not entry.item.keys().isdisjoint({"message", *_IDENTITIES}) for entry in entries):
        return None
    entries.sort(key=lambda entry: (entry.pk, entry.sk))
    return Conversations(
        table=table,
        messages=tuple(entry for entry in entries if entry.kind == "message"),
        rows=tuple(entry for entry in entries if entry.kind == "group row"),
    )


def key_names(table: Table) -> tuple[str, str | None]:
    """Return the names of partition key and sort key."""
    names = {each.get("KeyType"): each.get("AttributeName") for each in table.description.get("KeySchema", ())}
    if not names:
        return "pk", "sk"
    return str(names.get("HASH")), names.get("RANGE")


def read_entry(item: Item, hash_key: str = "pk", range_key: str = "sk") -> Entry | None:
    """Return an item as message or group row; None where it is neither."""
    pk, sk = _scalar(item.get(hash_key)), _scalar(item.get(range_key))
    if pk is None or sk is None:
        return None
    prefix, word, owner = _parts(pk)
    if not word and not _carries_what_one_carries(item, pk, owner):
        return None
    kind = _kind(item, word)
    return None if kind is None else Entry(kind=kind, item=item, pk=pk, sk=sk, prefix=prefix, owner=owner.strip())


def _parts(pk: str) -> tuple[str, str, str]:
    """Return what a partition key begins with, the word of the family that stands in it, and what follows."""
    if found := _PREFIX.fullmatch(pk):
        return pk[: found.start("owner")], found["word"], found["owner"]
    if found := _OTHER.fullmatch(pk):
        return found["prefix"], "", found["owner"]
    return "", "", pk


def _carries_what_one_carries(item: Item, pk: str, owner: str) -> bool:
    """Tell whether an item is a message or group row by all but the beginning of its key."""
    return bool(_UUID.fullmatch(owner)) and (pk == owner or item.keys() >= _OF_BOTH)


def _kind(item: Item, word: str) -> Kind | None:
    # What it carries tells more than what it is called: a message may stand under GRP# by mistake.
    is_message, is_row = "message_uuid" in item, "message_group_uuid" in item
    if is_message != is_row:
        return "message" if is_message else "group row"
    if not word:
        return None
    return "message" if word[0] in "mM" else "group row"


def _scalar(value: Mapping[str, Any] | None) -> str | None:
    if not value:
        return None
    found = value.get("S", value.get("N"))
    return found if isinstance(found, str) else None


def _by_group(entries: tuple[Entry, ...]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.sk):
        # A message whose key ends behind the prefix belongs to a group as well, one without a name.
        if entry.message_group or entry.kind == "message":
            groups[entry.message_group or ""].append(entry)
    return dict(groups)
