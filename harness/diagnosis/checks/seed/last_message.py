"""A group row tells of its group's last message."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.checks.seed.order import told_backwards
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.instants import read_stamp
from harness.diagnosis.seed_places import write_lines, write_place
from harness.diagnosis.seed_runs import finished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.conversations import Entry
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.instants import Stamp

#: Letters that a list may show of a longer text.
_FEWEST_OF_A_PREVIEW = 8
#: A group row and the last message of its group.
Pair = tuple["Entry", "Entry"]


@check(
    "SEED303",
    severity="warning",
    requires={"SEED102", "SEED103", "SEED305", "SEED306", "SEED402"},
    example="""
    GRP#…  sk = 2026-11-20T12:00:00.000001+00:00    message = "this is a filler message"
    MSG#…  sk = 2026-11-20T13:43:00.000001+00:00    the last message, 103 minutes later
    """,
)
def group_rows_have_the_last_instant(facts: Facts) -> Iterator[Problem]:
    """The sort key of a group row is the created_at of its group's last message.

    Write the group rows after the messages, with created_at and text of the last one: the list of conversations is
    sorted by this sort key, and shows this text.
    """
    pairs = list(_pairs(facts))
    late = [(row, last) for row, last in pairs if _distance(row, last)]
    if late:
        texts = [(row, last) for row, last in pairs if _other_text(row, last)]
        row, last = late[0]
        also = f"; {len(texts)} don't have its text either" if texts else ""
        yield Problem(
            cause=f"{len(late)} of {len(pairs)} group rows are not at the instant of their group's last message; "
            f"{row.owner}'s is {_in_words(_distance(row, last))}{also}",
            place=write_place(facts, "group row"),
            evidence=tuple(_evidence(facts, row, last)),
        )


@check(
    "SEED304",
    severity="warning",
    requires={"SEED303"},
    example="""
    GRP#…  message = "this is a filler message"
    MSG#…  message = "See you at noon."             the last message, at the same instant
    """,
)
def group_rows_have_the_last_text(facts: Facts) -> Iterator[Problem]:
    """The message of a group row is the text of its group's last message.

    Write the group rows after the messages, with the text of the last one.
    """
    texts = [(row, last) for row, last in _pairs(facts) if _other_text(row, last)]
    if texts:
        row, last = texts[0]
        yield Problem(
            cause=f"{len(texts)} group rows don't have the text of their group's last message: "
            f"{_short(row)} instead of {_short(last)}",
            place=write_place(facts, "group row"),
            evidence=tuple(_evidence(facts, row, last)),
        )


def _pairs(facts: Facts) -> Iterator[Pair]:
    """Yield the newest group row of each person and group, with the last message."""
    if not finished(facts):
        return
    for each in facts.conversations:
        if not each.is_whole:
            continue
        for group, rows in each.rows_by_group.items():
            dated = [(one.stamp.instant, one.sk, one) for one in each.messages_by_group.get(group, ()) if one.stamp]
            if not dated:
                continue
            oldest, newest = (which(dated, key=lambda one: one[:2])[2] for which in (min, max))
            is_backwards = told_backwards(facts, each.messages_by_group[group]) is not None
            for row in {row.owner: row for row in rows}.values():
                # Of a conversation that is the other way round, the last one that was said is the oldest.
                if not (is_backwards and _agrees(row, oldest)):
                    yield row, newest


def _agrees(row: Entry, message: Entry) -> bool:
    return not _distance(row, message) and not _other_text(row, message)


def _instant(row: Entry) -> Stamp | None:
    # A row may have had to give way by some microseconds; it then says so.
    return read_stamp(row.text("last_message_at") or "") or row.stamp


def _distance(row: Entry, last: Entry) -> timedelta:
    """Return how much later than its last message a row is."""
    mine = _instant(row)
    return mine.instant - last.stamp.instant if mine is not None and last.stamp is not None else timedelta()


def _other_text(row: Entry, last: Entry) -> bool:
    mine, its = row.text("message"), last.text("message")
    if mine is None or its is None:
        return False
    shown = mine.rstrip(". …")
    return not (its == mine or (len(shown) >= _FEWEST_OF_A_PREVIEW and its.startswith(shown)))


def _in_words(distance: timedelta) -> str:
    seconds = abs(distance.total_seconds())
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1)):
        if seconds >= 2 * size:
            amount = f"{seconds / size:.0f} {unit}"
            break
    else:
        amount = f"{seconds:.6f} seconds"
    return f"{amount} {'later' if distance > timedelta() else 'earlier'}"


def _evidence(facts: Facts, row: Entry, last: Entry) -> Iterator[Evidence]:
    yield Evidence(text=f"group row: {row}, message={_short(row)}")
    yield Evidence(text=f"last message: {last}, message={_short(last)}")
    yield from write_lines(facts, "group row")


def _short(entry: Entry) -> str:
    text = entry.text("message") or ""
    return repr(text if len(text) <= 60 else f"{text[:57]}…")  # noqa: PLR2004
