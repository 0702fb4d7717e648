"""Colour, where a person looks at a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODES = {"green": "32", "red": "1;31", "dim": "2", "bold": "1"}
#: Any of our own colours; it splits a text and keeps them.
COLOUR = re.compile(r"(\x1b\[(?:0|1|2|32|1;31)m)")


def wanted(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether to colour: only on a terminal, and not where NO_COLOR is set (no-color.org)."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def paint(text: str, colour: str, *, on: bool) -> str:
    """Return `text` in a colour, if it is on."""
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if on else text
