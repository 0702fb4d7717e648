"""Items of a seed that have one key, so that only one of them can be there in the end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.diagnosis.people import read_people
from harness.diagnosis.seed_runs import puts, refused_as_doubles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.diagnosis.conversations import Entry, Kind
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.people import Person
    from harness.diagnosis.seed_runs import Put
    from harness.rehearsal.results import ScriptRun


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedKey:
    """Different things under one key."""

    entry: Entry
    #: In the order in which they were put.
    puts: tuple[Put, ...]
    #: Whether they stood in one batch, which was refused for it.
    refused: bool

    @property
    def kind(self) -> Kind:
        """What they are."""
        return self.entry.kind


def shared_keys(facts: Facts, run: ScriptRun) -> tuple[SharedKey, ...]:
    """Return the keys that a run of the seed gave to different messages, or to different group rows."""
    people = read_people(facts)
    by_key: dict[tuple[str, str, str], list[Put]] = defaultdict(list)
    entries: dict[tuple[str, str, str], Entry] = {}
    refused = refused_as_doubles(run)
    for put in (*puts(run), *refused):
        if (entry := put.entry) is not None and (entry.kind == "message" or _is_of(entry.owner, people)):
            key = put.table, entry.pk, entry.sk
            by_key[key].append(put)
            entries.setdefault(key, entry)
    return tuple(
        SharedKey(entry=entries[key], puts=tuple(some), refused=any(put in refused for put in some))
        for key, some in by_key.items()
        if _differ(some, entries[key].kind)
    )


def _is_of(owner: str, people: Mapping[str, Person]) -> bool:
    """Whether a list has an owner; that several rows are put in nobody's list follows from SEED309."""
    return not people or owner.lower() in people


def _differ(some: list[Put], kind: Kind) -> bool:
    """Whether items of one key are different things: other messages, another group, another person."""
    compared = ("message_uuid", "message") if kind == "message" else ("message_group_uuid", "user_uuid")
    return len(some) > 1 and len({tuple(str(put.item.get(name)) for name in compared) for put in some}) > 1
