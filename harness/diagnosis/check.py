"""A check: a small function whose docstring is the product."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Problem, Severity

    Look = Callable[[Facts], Iterable[Problem]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to look for. `title` and `advice` are the docstring of `look`."""

    #: The family's letters and a number: `SEED203`.
    code: str
    severity: Severity
    #: What must be true; the first line of the docstring.
    title: str
    #: What to do where it isn't; the rest of the docstring.
    advice: str
    #: What it looks like when it is broken; for docs/doctor.md.
    example: str
    #: Codes that silence this one where they found something: their cause is this one's cause too.
    requires: frozenset[str]
    look: Look

    FAMILIES: ClassVar[dict[str, str]] = {
        "ENV": "the machine, its services and how programs find them",
        "SQL": "schema and seed of Postgres",
        "SEED": "what the seed writes",
        "ACC": "what the access patterns need",
        "STR": "the stream handler",
        "APP": "the application over HTTP",
    }

    @property
    def family(self) -> str:
        """`SEED` of `SEED203`."""
        return self.code.rstrip("0123456789")


def check(
    code: str, *, example: str, severity: Severity = "error", requires: Iterable[str] = ()
) -> Callable[[Look], Check]:
    """Make a check of a function that yields a Problem for each thing that is wrong."""

    def make(look: Look) -> Check:
        title, _, advice = (inspect.getdoc(look) or "").partition("\n")
        return Check(
            code=code,
            severity=severity,
            title=title.rstrip("."),
            advice=" ".join(advice.split()),
            example=inspect.cleandoc(example),
            requires=frozenset(requires),
            look=look,
        )

    return make
