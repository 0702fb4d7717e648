"""Sentences about one place or about several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: More names say no more.
_MOST = 4


def that_do(subjects: Iterable[object], verb: str) -> str:
    """Return `lib/a.py:3 reads`, or `lib/a.py:3 and lib/b.py:4 read`: each subject once, and the first few of many."""
    names = list(dict.fromkeys(map(str, subjects)))
    if len(names) == 1:
        return f"{names[0]} {verb}"
    if len(names) > _MOST + 1:
        names = [*names[:_MOST], f"{len(names) - _MOST} more places"]
    return f"{', '.join(names[:-1])} and {names[-1]} {verb.removesuffix('s')}"
