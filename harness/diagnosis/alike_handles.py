"""Which of the handles that there are one is meant to be that there is not."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

#: How alike two handles must be for one to be a slip of the other.
_NEAR = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """Handles that may be meant."""

    known: frozenset[str]
    asked: frozenset[str]

    def same(self, handle: str) -> str | None:
        """Return the one that differs in letter case, blanks or an @ only."""
        found = [name for name in self.known if bare(name) == bare(handle)]
        return found[0] if len(found) == 1 else None

    def near(self, handle: str) -> str | None:
        """Return the one that is written nearly so, and that nobody asks for by its right name."""
        found = get_close_matches(handle, sorted(self.known - self.asked), n=2, cutoff=_NEAR)
        return found[0] if len(found) == 1 else None


def bare(handle: str) -> str:
    """Return what is left of a handle without blanks, letter case and an @."""
    return handle.strip().lstrip("@").casefold()


def difference(asked: str, there: str) -> str:
    """Say how the handle that there is differs from the one that is asked for."""
    if bare(asked) != bare(there):
        return "the nearest"
    if asked.strip() == there.strip():
        return "with a blank that is not seen"
    if asked.strip().casefold() == there.strip().casefold():
        return "differs in letter case"
    return "without the @" if "@" in asked else "with an @"
