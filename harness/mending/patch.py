"""Edits as a unified diff, for `patch -p1` and `git apply`; or made in place."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure
from harness.mending.edits import edited, lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.diagnosis.finding import Edit


def as_patch(root: Path, edits: Mapping[str, tuple[Edit, ...]]) -> str:
    """Return one patch for all files, paths relative to `root`; empty where there is nothing to mend."""
    return "".join(_diff(path, text := _read(root / path), edited(text, some)) for path, some in edits.items())


def write_edits(root: Path, edits: Mapping[str, tuple[Edit, ...]]) -> tuple[str, ...]:
    """Make the edits in place and return the files that changed; permissions stay."""
    changed = []
    for path, some in edits.items():
        before = _read(root / path)
        after = edited(before, some)
        if after != before:
            _write(root / path, after)
            changed.append(path)
    return tuple(changed)


def _diff(path: str, before: str, after: str) -> str:
    lines = unified_diff(lines_of(before), lines_of(after), f"a/{path}", f"b/{path}", n=3)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _read(path: Path) -> str:
    try:
        # newline="" keeps CRLF; surrogateescape keeps bytes that are no UTF-8.
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except OSError as error:
        raise EnvironmentFailure(f"{path} can't be read: {error.strerror or error}", hint=f"ls -l {path}") from error


def _write(path: Path, text: str) -> None:
    try:
        with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
    except OSError as error:
        raise EnvironmentFailure(f"{path} can't be written: {error.strerror or error}", hint=f"ls -l {path}") from error
