"""A fault: an edit of a clean project, and what doctor must say to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gallery.tree import Tree

    Change = Callable[[Tree], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong."""

    name: str
    #: The codes of all findings that it must give, one for each finding.
    codes: tuple[str, ...]
    change: Change
    #: What the cause must name.
    words: tuple[str, ...] = ()


CATALOGUE: dict[str, Fault] = {}


def fault(*codes: str, words: tuple[str, ...] = ()) -> Callable[[Change], Change]:
    """Enter an edit into the catalogue, by its name."""

    def enter(change: Change) -> Change:
        name = change.__name__
        if name in CATALOGUE:
            raise ValueError(f"two faults are called {name}")
        CATALOGUE[name] = Fault(name=name, codes=codes, change=change, words=words)
        return change

    return enter
