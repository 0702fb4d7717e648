"""Where a project's seed writes messages and group rows, as the place and the evidence of what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.finding import Evidence
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.seed_runs import seed_sources
from harness.project.place import Place
from harness.project.seed.item_writes import group_writes, message_writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Kind
    from harness.diagnosis.facts import Facts

#: More lines of code say no more.
_MOST = 4


def write_place(facts: Facts, kind: Kind) -> Place | None:
    """Return where the seed first writes such an item; else its file; None where there is no project."""
    found = list(_places(facts, kind))
    files = [Place(path=source.path) for source in seed_sources(facts)]
    return next(iter(found + files), None)


def write_lines(facts: Facts, kind: Kind) -> Iterator[Evidence]:
    """Yield the lines that write such items."""
    for place in list(_places(facts, kind))[:_MOST]:
        if facts.project is not None:
            yield Evidence(text=line_at(facts.project.sources[place.path], place.line).strip(), place=place)


def _places(facts: Facts, kind: Kind) -> Iterator[Place]:
    for source in seed_sources(facts):
        for write in message_writes(source) if kind == "message" else group_writes(source):
            yield Place(path=source.path, line=write.line)
