"""What became of a seeded pair of databases, in lines for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.namespaces.changes import Change, TableChanges

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
#: Columns of a line; a longer one is cut.
_WIDTH = 160


def changes_lines(tables: Sequence[TableChanges], *, limit: int = 10) -> Iterator[str]:
    """Yield a line for each table and each of its first changes."""
    if not tables:
        yield "as seeded: nothing was written"
    for table in tables:
        counts = ", ".join(f"{number} {kind}" for kind, number in table.counts().items() if number)
        yield f"{table.name}: {'; '.join(filter(None, (table.note, counts)))}"
        for change in table.changes[:limit]:
            yield _cut(f"  {_SIGNS[change.kind]} {_told(change)}")
        if len(table.changes) > limit:
            yield f"  … and {len(table.changes) - limit} more"


def _told(change: Change) -> str:
    if change.before is None or change.after is None:
        return _text(_plain(change.before or change.after or {}))
    before, after = _plain(change.before), _plain(change.after)
    names = [name for name in (*before, *(n for n in after if n not in before)) if before.get(name) != after.get(name)]
    told = ", ".join(f"{name}: {_text(before.get(name))} → {_text(after.get(name))}" for name in names)
    same = {name: value for name, value in after.items() if name not in names}
    return f"{told}   {_text(same)}"


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a string of DynamoDB JSON, {"S": "text"}, as the text."""
    return {name: value["S"] if isinstance(value, dict) and [*value] == ["S"] else value for name, value in row.items()}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
