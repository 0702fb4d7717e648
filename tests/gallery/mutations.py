"""Random slips in clean projects of random layouts: how many does doctor find, and by the right name?

python -m tests.gallery.mutations 400 [SEED]
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.gallery.build import ROWS, arranged
from tests.gallery.examining import codes, examined, told
from tests.gallery.slips.all_slips import ALL
from tests.gallery.tree import DoesNotApply

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from tests.gallery.slips.slip import Done
    from tests.gallery.tree import Tree

#: How likely it is that a row of layouts is used at all.
_OFTEN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A project with one slip in it."""

    number: int
    slip: str
    layout: tuple[str, ...]
    done: Done
    tree: Tree

    def __str__(self) -> str:
        return f"{self.number} {self.slip} ({self.done.what}) in {', '.join(self.layout) or 'the plain layout'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What doctor said of it."""

    mutant: Mutant
    found: Counter[str]
    told: str

    @property
    def right(self) -> bool:
        """Whether one of the right codes is there."""
        return bool(self.mutant.done.codes & self.found.keys())

    @property
    def beside(self) -> frozenset[str]:
        """What else is there: follow-ups, or false alarms."""
        return frozenset(self.found) - self.mutant.done.codes - self.mutant.done.also

    def __str__(self) -> str:
        wanted = " or ".join(sorted(self.mutant.done.codes))
        return f"{self.mutant}: wanted {wanted}, got {', '.join(sorted(self.found)) or 'nothing'}\n{self.told}"


def mutants(seed: int, count: int, *, begin: int = 0) -> Iterator[Mutant]:
    """Yield the mutants from number `begin` up to `count`; the same ones for the same seed, whatever the count."""
    for number in range(begin, count):
        random = Random(f"{seed}:{number}")
        while (mutant := _mutant(number, random)) is None:
            pass
        yield mutant


def _mutant(number: int, random: Random) -> Mutant | None:
    """Return a mutant; None where slip and layout don't go together."""
    name = random.choice([*ALL])
    layout = tuple(random.choice(row).__name__ for row in ROWS if random.random() < _OFTEN)
    made: list[Done] = []
    try:
        tree = arranged(layout, [lambda tree: made.append(ALL[name](tree, random))])
    except DoesNotApply:
        return None
    return Mutant(number=number, slip=name, layout=layout, done=made[0], tree=tree)


def judge(mutant: Mutant) -> Verdict:
    """Write a mutant to a folder, and let doctor look at it."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        project = Path(folder) / "project"
        mutant.tree.write(project)
        diagnosis = examined(project)
    return Verdict(mutant=mutant, found=codes(diagnosis), told=told(diagnosis))


def judged(seed: int, count: int, *, begin: int = 0) -> Iterator[Verdict]:
    """Yield the verdicts on mutants, in their order; some are worked on at once."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        yield from pool.map(judge, mutants(seed, count, begin=begin))


def summary(verdicts: list[Verdict], seed: int) -> str:
    """Return the figures in words."""
    right = sum(verdict.right for verdict in verdicts)
    alone = sum(verdict.right and not verdict.beside for verdict in verdicts)
    count = len(verdicts)
    return (
        f"{count} mutants of seed {seed}: {right} found with the right code ({right / count:.1%}), "
        f"{alone} of them with nothing beside it ({alone / count:.1%})"
    )


def main(words: list[str]) -> int:
    """Print each verdict that is wrong, and the figures."""
    count = int(words[0]) if words else 40
    seed = int(words[1]) if len(words) > 1 else secrets.randbelow(10**6)
    verdicts = []
    for verdict in judged(seed, count):
        verdicts.append(verdict)
        if not verdict.right or verdict.beside:
            print("BESIDE" if verdict.right else "MISSED", verdict, flush=True)
    print(summary(verdicts, seed))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
