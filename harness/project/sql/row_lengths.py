"""Rows of an INSERT that have more or fewer values than there are columns."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.project.sql.change import Change
from harness.project.sql.slips.spot import Slip, short

if TYPE_CHECKING:
    from harness.project.sql.text import Insert, Value


def uneven_row(insert: Insert) -> Slip | None:
    """Return the first row that does not fit the columns, or the other rows."""
    sizes = Counter(len(row.values) for row in insert.rows)
    if not sizes:
        return None
    expected = len(insert.columns) or sizes.most_common(1)[0][0]
    if len(sizes) == 1 and len(insert.rows) > 1 and expected not in sizes:
        return _columns_do_not_fit(insert, next(iter(sizes)))
    row = next((row for row in insert.rows if len(row.values) != expected), None)
    if row is None:
        return None
    count = f"the row in line {row.line} has {len(row.values)} values, and {expected} are expected"
    joined = next((each for each in row.values if _joined(each)), None)
    if joined is not None and len(row.values) == expected - 1:
        before, after = joined.tokens[:2]
        return Slip(
            line=before.line,
            cause=f"{count}: without a comma between them {short(before.text)} and {short(after.text)} are one text",
            advice=f"Add a `,` behind {short(before.text)} in line {before.line}.",
            change=Change(start=before.end, end=before.end, new=","),
        )
    listed = f": {', '.join(insert.columns)}" if insert.columns else ""
    return Slip(
        line=row.line,
        cause=count + listed,
        advice=f"Give the row in line {row.line} one value for each column{listed}.",
    )


def _joined(value: Value) -> bool:
    """Whether it is two texts, which SQL joins where a line ends between them."""
    kinds = [token.kind for token in value.tokens[:2]]
    return kinds == ["string", "string"]


def _columns_do_not_fit(insert: Insert, values: int) -> Slip:
    named = len(insert.columns)
    return Slip(
        line=insert.line,
        cause=f"{named} columns are named ({', '.join(insert.columns)}), and every row has {values} values",
        advice="Name exactly the columns that the rows have values for, in their order.",
    )
