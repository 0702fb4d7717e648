"""Edits of whole lines, made of a change in the middle of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Other text for a stretch of a file."""

    #: Offsets in the file's text.
    start: int
    end: int
    new: str

    def lines(self, text: str) -> tuple[int, int, str]:
        """Return the first and the last line that change, and what stands there then."""
        begin = text.rfind("\n", 0, self.start) + 1
        stop = text.find("\n", self.end)
        stop = len(text) if stop < 0 else stop + 1
        first = text.count("\n", 0, begin) + 1
        last = first + text.count("\n", begin, max(begin, stop - 1))
        return first, last, text[begin : self.start] + self.new + text[self.end : stop]
