"""Which file of a project is meant by a path in one of its scripts, wherever the script is started."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.project.shell.values import HOLE, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.paths import Paths

#: PATH_MAX of Linux; what is longer is no path.
_LONGEST = 4096


def referred_file(written: str, *, of: str, paths: Paths) -> str | None:
    """Return the path, relative to the root, of the file that a script `of` names; None where there is no such file.

    `written` may begin with the root, or with what is not known: then the nearest file that ends alike is meant.
    """
    if len(written) > _LONGEST:
        return None
    tail = written.rpartition(HOLE)[2]
    if ROOT in tail:
        exact = posixpath.normpath(tail.rpartition(ROOT)[2].lstrip("/"))
        if exact in paths:
            return exact
        tail = exact
    elif not posixpath.isabs(tail):
        for folder in _folders_around(of):
            if (path := posixpath.normpath(posixpath.join(folder, tail))) in paths:
                return path
    return _nearest(_ends(tail), of, paths)


def _folders_around(path: str) -> Iterator[str]:
    """Yield the folders that a script may be started in: its own, those above it, the root last."""
    for folder in PurePosixPath(path).parents:
        yield "" if str(folder) == "." else str(folder)


def _ends(path: str) -> Iterator[str]:
    """Yield the path, then ever less of its beginning, down to the bare name where it has at most one folder more."""
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    for first in range(len(parts)):
        if len(parts) - first > 1 or len(parts) <= 2:  # noqa: PLR2004 - a bare name says little of a long path
            yield "/".join(parts[first:])


def _nearest(ends: Iterator[str], of: str, paths: Paths) -> str | None:
    for end in ends:
        if alike := paths.ending(end):
            return max(alike, key=lambda path: (_shared(path, of), -path.count("/")))
    return None


def _shared(path: str, other: str) -> int:
    """Count the folders that two paths begin with."""
    count = 0
    for one, two in zip(path.split("/")[:-1], other.split("/")[:-1], strict=False):
        if one != two:
            break
        count += 1
    return count
