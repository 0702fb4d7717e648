"""Where something stands in a project."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A file, and a line of it where one is meant."""

    #: Relative to the project's root, with `/`.
    path: str
    #: Counted from 1; 0 is the whole file.
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path
