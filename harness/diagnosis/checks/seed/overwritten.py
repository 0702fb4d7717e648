"""Items of the seed that take each other's place in the table."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.people import read_people
from harness.diagnosis.seed_runs import puts, seed_runs
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.diagnosis.conversations import Kind
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.people import Person
    from harness.diagnosis.seed_runs import Put


@check(
    "SEED305",
    example="""
    created_at = now.isoformat()      # before the loop: every message has the same key, and the last one stays
    """,
)
def no_item_overwrites_another(facts: Facts) -> Iterator[Problem]:
    """No two items of the seed have the same key.

    Let the sort key differ for each item: work created_at out inside the loop, with the number of the line in it, and
    write each group row under its own person's uuid.
    """
    people = read_people(facts)
    for run in seed_runs(facts):
        keys: dict[tuple[str, str, str], list[Put]] = defaultdict(list)
        for put in puts(run):
            if (entry := put.entry) is not None and (entry.kind == "message" or _is_of(entry.owner, people)):
                keys[put.table, entry.pk, entry.sk].append(put)
        for kind in ("message", "group row"):
            shared = [some for some in keys.values() if _differ(some) and some[0].entry and some[0].entry.kind == kind]
            if shared:
                yield _overwritten(shared, kind, run.path)


def _is_of(owner: str, people: Mapping[str, Person]) -> bool:
    """Whether a list has an owner; that several rows are put in nobody's list follows from SEED309."""
    return not people or owner.lower() in people


def _differ(some: list[Put]) -> bool:
    """Whether items of one key are different things: other messages, another group, another person."""
    told = ("message_uuid", "message", "message_group_uuid", "user_uuid")
    kind = some[0].entry.kind if some[0].entry else None
    compared = told[:2] if kind == "message" else told[2:]
    return len(some) > 1 and len({tuple(str(put.item.get(name)) for name in compared) for put in some}) > 1


def _overwritten(shared: list[list[Put]], kind: Kind, path: str) -> Problem:
    some = max(shared, key=len)
    lost = sum(len(each) - 1 for each in shared)
    first, last = some[0], some[-1]
    what = "messages" if kind == "message" else "group rows"
    return Problem(
        cause=f"{lost} {what} are overwritten: {len(some)} are put with the key {first.entry}, and only the last stays",
        place=last.place or Place(path=path),
        evidence=tuple(Evidence(text=str(_shown(put)), place=put.place) for put in (first, last)),
    )


def _shown(put: Put) -> dict[str, object]:
    return {name: next(iter(value.values()), None) for name, value in put.item.items()}
