"""A slip: an edit like a fault, but wherever chance leads it, in whatever layout the project has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.gallery.tree import DoesNotApply

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.gallery.tree import Tree

    #: Makes the edit, and returns what was done to what, and the codes that are right for it.
    Make = Callable[[Tree, Random], "Done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One slip, made."""

    what: str
    #: Any of these names the cause.
    codes: frozenset[str]
    #: What is wrong besides, by the same slip.
    also: frozenset[str] = frozenset()


SLIPS: dict[str, Make] = {}


def slip(make: Make) -> Make:
    """Enter a slip into the list."""
    SLIPS[f"{make.__module__.rpartition('.')[2]}: {make.__name__.replace('_', ' ')}"] = make
    return make


def done(what: str, *codes: str, also: tuple[str, ...] = ()) -> Done:
    return Done(what=what, codes=frozenset(codes), also=frozenset(also))


def one_of(random: Random, parts: tuple[str, ...], tree: Tree, pattern: str) -> tuple[str, re.Match[str]]:
    """Choose one of all matches of a pattern in some parts, comments left out; DoesNotApply where there is none."""
    found = [
        (part, match)
        for part in parts
        if tree.path(part) in tree.files
        for match in re.finditer(pattern, tree[part], re.MULTILINE)
        if not tree[part][: match.start()].rpartition("\n")[2].startswith(("--", "#"))
    ]
    if not found:
        raise DoesNotApply(f"nothing like {pattern!r} is in {', '.join(parts)}")
    return random.choice(found)


def put(tree: Tree, part: str, match: re.Match[str], new: str) -> None:
    """Write something else in a match's place."""
    text = tree[part]
    tree[part] = text[: match.start()] + new + text[match.end() :]


def misspelled(random: Random, word: str) -> str:
    """Return a word with a letter that is missing, double or another one."""
    letters = [at for at, letter in enumerate(word) if letter.isalpha()]
    at = random.choice(letters)
    other = random.choice([letter for letter in "aeiklnrstvx" if letter != word[at].lower()])
    return random.choice(
        (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word[:at] + other + word[at + 1 :])
    )
