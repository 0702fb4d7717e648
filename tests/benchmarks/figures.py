"""How a figure is measured and shown: runs in turn, the median to quote, a ratio to its baseline."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Figure:
    """Several runs of one thing."""

    name: str
    runs: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        return statistics.median(self.runs)


def heading(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


def show(figures: Sequence[Figure], *, baseline: Figure) -> None:
    """Print each figure, its spread, and its ratio to the baseline of the same run."""
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        spread = f"{min(figure.runs):,.2f} … {max(figure.runs):,.2f}" if len(figure.runs) > 1 else "one run"
        ratio = "baseline" if figure is baseline else f"{figure.median / baseline.median:.2f} x {baseline.name}"
        sys.stdout.write(f"  {figure.name:<{width}}  {figure.median:>10,.2f} {figure.unit:<8} ({spread})  {ratio}\n")
    sys.stdout.flush()
