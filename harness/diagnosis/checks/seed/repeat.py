"""A seed that is run twice leaves what one run leaves."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.conversations import read_conversations
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.line_edits import line_at
from harness.diagnosis.seed_runs import came_to_their_end, seed_runs, seed_sources
from harness.project.place import Place
from harness.project.seed.stamps import made_stamps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Conversations
    from harness.diagnosis.facts import Facts
    from harness.project.source import Source


@check(
    "SEED401",
    severity="warning",
    requires={"SEED402"},
    example="""
    bin/ddb/seed, run twice: messages 104 -> 208, group rows 2 -> 4
    """,
)
def seed_can_be_repeated(facts: Facts) -> Iterator[Problem]:
    """A second run of the seed leaves the table as the first one did.

    Let the keys be the same in every run: fixed timestamps or uuid5 of group and line instead of now() and uuid4(), or
    delete the group's items first.
    """
    rehearsal = facts.rehearsal
    runs = seed_runs(facts, 2)
    if (
        rehearsal is None
        or rehearsal.second is None
        or not runs
        or not (came_to_their_end(facts) and all(run.ok for run in runs))
    ):
        return
    after = {each.table.name: each for each in read_conversations(rehearsal.second)}
    for before in read_conversations(rehearsal.first):
        more = after.get(before.table.name)
        grown = _grown(before, more) if more is not None else []
        if more is not None and grown:
            source, line = _source_of_keys(facts)
            code = line_at(source, line).strip() if source else ""
            why = f", because their keys come from `{code}` in line {line} of {source.path}" if source else ""
            yield Problem(
                cause=f"run twice, the seed leaves {' and '.join(grown)}{why}",
                place=Place(path=source.path, line=line) if source else Place(path=runs[0].path),
                evidence=tuple(_twice(before, more)),
            )


def _grown(before: Conversations, after: Conversations) -> list[str]:
    """Return what there is more of. New rows of new users are left out: their uuids are the business of Postgres."""
    found = []
    if len(after.messages) > len(before.messages):
        found.append(f"{len(after.messages)} messages instead of {len(before.messages)}")
    first, second = (Counter(row.owner for row in each.rows) for each in (before, after))
    if any(second[owner] > count for owner, count in first.items()):
        found.append(f"{len(after.rows)} group rows instead of {len(before.rows)}")
    return found


def _twice(before: Conversations, after: Conversations) -> Iterator[Evidence]:
    known = {str(entry) for entry in before.entries}
    for old in (*before.rows[:1], *before.messages[:1]):
        for new in after.entries:
            if new.kind == old.kind and str(new) not in known and new.text("message") == old.text("message"):
                yield Evidence(text=f"first run:  {old}")
                yield Evidence(text=f"second run: {new}")
                break


def _source_of_keys(facts: Facts) -> tuple[Source | None, int]:
    """Return the line of the seed that makes a key differ from run to run."""
    for source in seed_sources(facts):
        clock = [made.moment.begin for made in made_stamps(source) if made.moment.clock]
        random = _random_groups(source)
        if clock or random:
            return source, min(random or clock)
    return None, 0


def _random_groups(source: Source) -> list[int]:
    """Return the lines that make a uuid of a message group by chance."""
    return [
        node.lineno
        for node in (ast.walk(source.tree) if source.tree else ())
        if isinstance(node, ast.Assign)
        and re.search(r"uuid4\(|uuid1\(", ast.unparse(node.value))
        and any("group" in ast.unparse(target) for target in node.targets)
    ]
