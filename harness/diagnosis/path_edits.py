"""The edit by which a script adds another folder to `sys.path`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.diagnosis.line_edits import line_at, replace_line
from harness.project.python.module_paths import added_paths, quoted_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.finding import Edit
    from harness.project.python.module_paths import AddedPath
    from harness.project.source import Source

_STEPS = re.compile(r"\bparents\[\d+\]")
_MOST_STEPS = 6


def path_edits(source: Source, added: AddedPath, folder: str) -> tuple[Edit, ...]:
    """Return the edit of one line by which the path leads to the folder; none where no such edit is found."""
    for number, line in (*_other_parts(source, added, folder), *_other_steps(source, added)):
        lines = [*source.lines]
        lines[number - 1] = line
        again = added_paths(replace(source, text="\n".join(lines)))
        if any(each.line == added.line and each.folder == (folder or ".") for each in again):
            return (replace_line(source, number, line),)
    return ()


def _other_parts(source: Source, added: AddedPath, folder: str) -> Iterator[tuple[int, str]]:
    """Yield the line with other parts in the place of the literals, where these stand side by side in it."""
    parts = added.parts
    if not parts or len({part.lineno for part in parts} | {part.end_lineno for part in parts}) != 1:
        return
    number, wanted = parts[0].lineno, quoted_parts(source, folder)
    raw = line_at(source, number).encode()
    begin, end = min(part.col_offset for part in parts), max(part.end_col_offset or 0 for part in parts)
    between = raw[begin:end].decode()
    if not re.fullmatch(r"""(?:['"][\w./-]*['"]\s*,?\s*)+""", between):
        return
    if len(parts) == 1 and "/" in str(parts[0].value):
        wanted = "'" + wanted.replace("'", "").replace(", ", "/") + "'"
    yield number, raw[:begin].decode() + wanted + raw[end:].decode()


def _other_steps(source: Source, added: AddedPath) -> Iterator[tuple[int, str]]:
    """Yield the line with other numbers of `parents[…]`."""
    number = added.literal_line
    line = line_at(source, number)
    for steps in range(_MOST_STEPS if _STEPS.search(line) else 0):
        yield number, _STEPS.sub(f"parents[{steps}]", line)
