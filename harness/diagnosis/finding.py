"""What a check found, and what the reader gets to see of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from harness.project.place import Place

#: `error`: it does not work. `warning`: it works by luck, or will stop working. `note`: worth knowing.
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that was seen."""

    #: A line of code, a row, an item key, a command with its output.
    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Lines of one file to be replaced. Lines count from 1; `last` below `first` inserts before `first`."""

    path: str
    first: int
    last: int
    #: With line ends.
    new: str
    #: Whether it changes nothing but what the finding is about; only such edits are made by `--fix`.
    safe: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that a check found wrong."""

    #: Why, in one or two sentences, with the values: `the handle bayko is asked for, and db/seed.sql has Bayko`.
    cause: str
    evidence: tuple[Evidence, ...] = ()
    place: Place | None = None
    #: The exact edit or command; the check's own advice where this is empty.
    advice: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem, with the name and advice of the check that found it."""

    code: str
    severity: Severity
    title: str
    cause: str
    evidence: tuple[Evidence, ...]
    place: Place | None
    advice: str
    edits: tuple[Edit, ...]

    @property
    def fixable(self) -> bool:
        """Whether `--fix` can do it."""
        return bool(self.edits) and all(edit.safe for edit in self.edits)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return asdict(self) | {"fixable": self.fixable}
