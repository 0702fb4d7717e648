"""Timestamps of the table's sort keys, and the lines of the seed that make them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from harness.diagnosis.seed_places import write_place
from harness.diagnosis.seed_runs import seed_sources
from harness.project.place import Place
from harness.project.seed.stamps import made_stamps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.diagnosis.conversations import Conversations, Entry
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.instants import Stamp

#: An item, and its sort key as a timestamp.
Stamped = tuple["Entry", "Stamp"]


def stamped_entries(each: Conversations) -> list[Stamped]:
    """Return the items whose sort keys are timestamps."""
    return [(entry, entry.stamp) for entry in each.entries if entry.stamp is not None]


def out_of_order(stamped: Iterable[Stamped]) -> tuple[Entry, Entry] | None:
    """Return two neighbours of one partition whose text sorts unlike their time, the later one first."""
    ordered = sorted(stamped, key=lambda pair: (pair[0].pk, pair[0].sk))
    for (one, first), (other, second) in pairwise(ordered):
        if one.pk == other.pk and first.instant > second.instant:
            return one, other
    return None


def stamp_place(facts: Facts) -> Place | None:
    """Return where the seed makes its timestamps, one without an offset first; else where it writes them."""
    for source in seed_sources(facts):
        if made := made_stamps(source):
            first = min(made, key=lambda each: (each.moment.aware, each.line))
            return Place(path=source.path, line=first.line)
    return write_place(facts, "message")
