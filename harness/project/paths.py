"""All paths of a project, found by how they end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class Paths:
    """Relative to the root, with `/`."""

    all: Iterable[str]
    _by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for path in sorted(self.all):
            self._by_name[path.rpartition("/")[2]].append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._by_name.get(path.rpartition("/")[2], ())

    def ending(self, end: str) -> list[str]:
        """Return the paths that are `end`, or end with it below some folder."""
        named = self._by_name.get(end.rpartition("/")[2], ())
        return [path for path in named if path == end or path.endswith(f"/{end}")]
