"""Notes which checks find something, and which find nothing, while the tests of this folder run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.diagnosis.check import Check, Look
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Problem

#: Which kinds of facts there were.
Shape = frozenset[str]
DATA: Shape = frozenset({"relations", "tables"})


@dataclass(slots=True)
class Seen:
    """By code, on which kinds of facts a check found something or nothing."""

    found: dict[str, set[Shape]] = field(default_factory=lambda: defaultdict(set))
    silent: dict[str, set[Shape]] = field(default_factory=lambda: defaultdict(set))

    def watch(self, each: Check) -> None:
        """Note from now on what a check says."""
        object.__setattr__(each, "look", self._noting(each.code, each.look))

    def _noting(self, code: str, look: Look) -> Look:
        @wraps(look)
        def noting(facts: Facts) -> Iterable[Problem]:
            problems = list(look(facts))
            (self.found if problems else self.silent)[code].add(shape_of(facts))
            return problems

        return noting


def shape_of(facts: Facts) -> Shape:
    """Return the names of what is there to look at."""
    there = {
        "project": facts.project,
        "rehearsal": facts.rehearsal,
        "relations": facts.held.relations,
        "tables": facts.held.tables,
        "machine": facts.machine,
        "exchanges": facts.exchanges,
        "reasons": facts.reasons,
    }
    return frozenset(name for name, value in there.items() if value)
