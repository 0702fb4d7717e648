"""Sort keys that are timestamps: of one format, so that text sorts as time does."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.stamp_lines import out_of_order, stamp_place, stamped_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.diagnosis.conversations import Entry, Kind
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.stamp_lines import Stamped


@check(
    "SEED203",
    severity="warning",
    example="""
    sk = 2026-11-20T12:00:00.000001+00:00    of the group rows
    sk = 2026-11-20T12:00:00.000001          of the messages
    """,
)
def stamps_have_one_format(facts: Facts) -> Iterator[Problem]:
    """All sort keys are timestamps of one format.

    DynamoDB sorts text. Make every timestamp with one function, such as
    datetime.now(timezone.utc).isoformat(timespec="microseconds").
    """
    for each in facts.conversations:
        stamped = stamped_entries(each)
        if len({(stamp.offset, stamp.separator) for _, stamp in stamped}) > 1:
            yield _several(facts, stamped)


def _several(facts: Facts, stamped: list[Stamped]) -> Problem:
    groups = _by_format(stamped)
    counted = "; ".join(f"{len(entries)} such as {entries[0].sk}" for entries in groups.values())
    pair = out_of_order(stamped)
    wrong = f"; {pair[0].sk} is later than {pair[1].sk} and sorts before it" if pair else ""
    return Problem(
        cause=f"sort keys have different formats: {counted}{wrong}",
        place=stamp_place(facts),
        evidence=tuple(Evidence(text=f"{shape}: {entries[0]}") for shape, entries in groups.items()),
    )


def _by_format(stamped: Iterable[Stamped]) -> dict[str, list[Entry]]:
    pairs = sorted(stamped, key=lambda pair: pair[1].format)
    return {shape: [entry for entry, _ in some] for shape, some in groupby(pairs, key=lambda pair: pair[1].format)}


@check(
    "SEED205",
    example="""
    2026-11-20T12:00:00Z          sorts behind
    2026-11-20T12:00:00.500Z      because "Z" sorts behind "."
    """,
)
def fractions_keep_the_order(facts: Facts) -> Iterator[Problem]:
    """A fraction of a second that is left out, or is shorter, does not turn the order round.

    Write all digits every time: isoformat(timespec="microseconds"). Plain isoformat() leaves the fraction out where the
    microseconds are 0.
    """
    for each in facts.conversations:
        stamped = stamped_entries(each)
        if len({(stamp.offset, stamp.separator) for _, stamp in stamped}) == 1 and (pair := out_of_order(stamped)):
            first, second = pair
            yield Problem(
                cause=f"{first.sk} is later than {second.sk} and sorts before it, because their fractions differ in "
                "length",
                place=stamp_place(facts),
                evidence=(Evidence(text=str(first)), Evidence(text=str(second))),
            )


@check(
    "SEED207",
    example="""sk = 1763640000    or    sk = 20/11/2026 12:00    or    sk = None""",
)
def sort_keys_are_timestamps(facts: Facts) -> Iterator[Problem]:
    """The sort key of messages and group rows is a timestamp in ISO 8601.

    Write isoformat(): year first, every part with all its digits. Reads by begins_with(sk, year) and the order of the
    list go by it.
    """
    for each in facts.conversations:
        kinds: dict[Kind, list[Entry]] = defaultdict(list)
        for entry in each.entries:
            kinds[entry.kind].append(entry)
        odd = [entry for entries in kinds.values() for entry in _no_timestamps(entries, facts)]
        if odd:
            yield Problem(
                cause=f"{len(odd)} of {len(each.entries)} sort keys are no timestamp in ISO 8601, such as {odd[0].sk!r}",
                place=stamp_place(facts),
                evidence=tuple(Evidence(text=str(entry)) for entry in odd[:3]),
            )


def _no_timestamps(entries: list[Entry], facts: Facts) -> list[Entry]:
    """Return items whose key should be one: some others have one, or the reads go by time."""
    odd = [entry for entry in entries if entry.stamp is None]
    return odd if len(odd) < len(entries) or _is_read_by_time(facts) else []


def _is_read_by_time(facts: Facts) -> bool:
    """Whether the project's reads compare or read sort keys; of a project that is not at hand, the application's do."""
    if facts.project is None:
        return True
    readers = facts.project.with_role("table-library", "pattern-messages", "pattern-groups")
    return any(word in source.text for source in readers for word in ("begins_with", "strptime", "fromisoformat"))
