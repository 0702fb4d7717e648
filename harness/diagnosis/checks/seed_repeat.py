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
from harness.diagnosis.seed_runs import finished, seed_runs, seed_sources
from harness.project.place import Place
from harness.project.stamps import made_stamps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Conversations, Entry
    from harness.diagnosis.facts import Facts
    from harness.project.source import Source

#: So many different texts, each as often as the others, don't repeat by chance.
_TELLING = 8


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
    if rehearsal is None or rehearsal.second is None or not runs or not finished(facts) or not all(r.ok for r in runs):
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


@check(
    "SEED402",
    severity="warning",
    example="""
    GRP#<my uuid>  sk = 2026-11-20T12:00…  message_group_uuid = 5ae290ed-…
    GRP#<my uuid>  sk = 2026-11-20T12:07…  message_group_uuid = 5ae290ed-…    <- the same conversation twice in one list
    """,
)
def a_list_has_each_conversation_once(facts: Facts) -> Iterator[Problem]:
    """In one person's list each conversation stands once, and each message in it once.

    The seed ran more than once: empty the table and run it once, and let its keys be the same in every run.
    """
    for each in read_conversations(facts.held):
        if not each.is_whole:
            continue
        rows = Counter((row.owner, row.message_group) for row in each.rows if row.message_group)
        twice = [pair for pair, count in rows.items() if count > 1]
        repeated = {group: times for group, some in each.messages_by_group.items() if (times := _times(some)) > 1}
        if not twice and not repeated:
            continue
        told = [f"{len(twice)} conversations stand more than once in a person's list"] if twice else []
        told += [f"every message of {group} is there {times} times" for group, times in list(repeated.items())[:1]]
        shown = [row for row in each.rows if twice and (row.owner, row.message_group) == twice[0]]
        yield Problem(
            cause=f"{'; '.join(told)}: the table was filled more than once",
            place=Place(path=seed_sources(facts)[0].path) if seed_sources(facts) else None,
            evidence=tuple(Evidence(text=str(row)) for row in shown[:2]),
        )


def _times(messages: list[Entry]) -> int:
    """Return how often each text is there, if all are there equally often."""
    counts = Counter((entry.text("user_uuid"), entry.text("message")) for entry in messages)
    often = set(counts.values())
    return often.pop() if len(often) == 1 and len(counts) >= _TELLING else 1
