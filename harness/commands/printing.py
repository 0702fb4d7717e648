"""Results on stdout, for people or as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from harness.render import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.report import Loaded


def print_json(value: Any) -> None:
    """Print one JSON document, in ASCII, so that it survives any locale."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def print_rows(rows: Iterable[tuple[str, str]]) -> None:
    """Print names and values in two columns."""
    for name, value in rows:
        print(words.printable(words.row(name, value)))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print columns as wide as their widest cell; the last one ends where it ends."""
    cells = [[words.printable(" ".join(cell.split())) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))] if cells else []
    for row in cells:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def print_loaded(loaded: Loaded, *, as_json: bool) -> None:
    """Print what a load came to."""
    if as_json:
        from dataclasses import asdict

        print_json(asdict(loaded))
    else:
        print_rows(words.seed_rows(loaded))
