"""What is strange about filters that AWS accepts: they let nothing through, or everything, or lose some events.

All of it follows from the pattern and the stream's view type; no record has to come first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.streams.caution import Caution
from harness.streams.filters import reach
from harness.streams.filters.places import judge_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.streams.filters.criteria import FilterCriteria
    from harness.streams.filters.pattern import Pattern


def advise(criteria: FilterCriteria, *, view_type: str | None) -> tuple[Caution, ...]:
    """Return what the author of these filters should know; `view_type` is the stream's, None where it isn't known."""
    found = [
        replace(caution, text=f"Filter {number}: {caution.text}")
        for number, pattern in enumerate(criteria.patterns, 1)
        for caution in _of_pattern(pattern, view_type)
    ]
    return (*found, *_of_all(criteria, view_type))


def _of_pattern(pattern: Pattern, view_type: str | None) -> Iterator[Caution]:
    for path in pattern.repeated:
        yield Caution(
            code="filter-duplicate-key",
            text=f"{'.'.join(path)} stands more than once; only the last one counts, the others test nothing. "
            "Put what belongs together into one object.",
        )
    yield from judge_places(pattern.root)
    if reach.carried([pattern.root]) and not reach.carried([pattern.root], view_type):
        yield Caution(
            code="filter-view-type",
            text=f"the stream's view type is {view_type}, so no record that it asks for has the image it looks into. "
            "Change StreamViewType (a stream keeps its type for life: make a new one), or test Keys.",
        )


def _of_all(criteria: FilterCriteria, view_type: str | None) -> Iterator[Caution]:
    roots = [pattern.root for pattern in criteria.patterns]
    if not roots:
        return
    asked, carried = reach.asked(roots), reach.carried(roots, view_type)
    lost = [kind for kind in asked if kind not in carried]
    if carried and lost:
        yield Caution(
            code="filter-drops-events",
            text=f"Every {' and every '.join(lost)} is dropped: such a record lacks the image that the filters look "
            "into (an INSERT has no OldImage, a REMOVE no NewImage). Name the eventName if that is meant, "
            "or add a filter for the others.",
        )
    if not reach.possible(roots, view_type):
        yield Caution(
            code="filter-passes-nothing",
            text="No record can pass these filters, so the function is never called. Records that don't pass are "
            "gone for good: they are not kept for a corrected filter.",
        )
