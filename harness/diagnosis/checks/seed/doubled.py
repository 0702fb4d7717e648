"""Each conversation is in the table once."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.seed_runs import seed_sources
from harness.project.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Conversations, Entry
    from harness.diagnosis.facts import Facts

#: So many messages with the same texts in the same order are one conversation told twice.
_TELLING = 4


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
    for each in facts.conversations:
        if not each.is_whole:
            continue
        shown = _rows_of_one_list(each)
        told = [f"{len(shown)} conversations stand more than once in a person's list"] if shown else []
        told += [
            f"every message of {group} is there {times} times"
            for group, some in each.messages_by_group.items()
            if shown and (times := _times(some)) > 1
        ][:1]
        if not shown and (shown := _told_twice(each)):
            told = [
                f"the message groups {' and '.join(sorted(filter(None, map(_group, shown[0]))))} hold the same messages"
            ]
        if shown:
            sources = seed_sources(facts)
            yield Problem(
                cause=f"{'; '.join(told)}: the table was filled more than once",
                place=Place(path=sources[0].path) if sources else None,
                evidence=tuple(Evidence(text=f"{row} message_group_uuid={_group(row)}") for row in shown[0][:2]),
            )


def _group(entry: Entry) -> str | None:
    return entry.message_group


def _rows_of_one_list(each: Conversations) -> list[list[Entry]]:
    """Return the group rows of each conversation that stands in somebody's list more than once."""
    lists: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for row in each.rows:
        if row.message_group:
            lists[row.owner, row.message_group].append(row)
    return [rows for rows in lists.values() if len(rows) > 1]


def _told_twice(each: Conversations) -> list[list[Entry]]:
    """Return the first messages of groups that have all their senders and texts in common."""
    alike: dict[tuple[tuple[str | None, str | None], ...], list[Entry]] = defaultdict(list)
    for messages in each.messages_by_group.values():
        if len(messages) >= _TELLING:
            alike[tuple((one.text("user_uuid"), one.text("message")) for one in messages)].append(messages[0])
    return [firsts for firsts in alike.values() if len(firsts) > 1]


def _times(messages: list[Entry]) -> int:
    """Return how often each text is there, if all are there equally often."""
    counts = Counter((entry.text("user_uuid"), entry.text("message")) for entry in messages)
    often = set(counts.values())
    return often.pop() if len(often) == 1 else 1
