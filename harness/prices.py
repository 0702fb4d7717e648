"""What request units cost on demand: the dated table that comes with the package, as far as a project says nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million request units."""

    read: float
    write: float
    region: str
    #: The day from which they hold.
    as_of: str
    #: A page, or the file that overrides it.
    source: str

    def of_a_million(self, *, read: float, write: float) -> float:
        """Return what a million calls of so many units each cost."""
        return read * self.read + write * self.write


def default_prices() -> Prices:
    """Return the table that comes with the package."""
    return Prices(**tomllib.loads(_FILE.read_text(encoding="utf-8")))


def prices_of(given: Mapping[str, Any], source: str) -> Prices:
    """Return the table with what a project gives instead."""
    table = default_prices()
    own = replace(table, **given)
    return table if own == table else replace(own, source=source)
