"""Timestamps as the table holds them: text that should sort as the instants do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

# A sort key may carry a prefix of its own before the timestamp.
_STAMP = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?P<separator>[Tt ])(?P<time>\d\d:\d\d(?::\d\d)?)"
    r"(?:[.,](?P<fraction>\d{1,9}))?\s?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?$",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One timestamp and the format it is written in."""

    text: str
    #: Aware, UTC; a stamp without an offset is read as UTC, as the front end does.
    instant: datetime
    #: `+00:00`, `Z`, as written; empty where there is none.
    offset: str
    #: Digits of the fraction of a second.
    digits: int
    separator: str

    @property
    def format(self) -> str:
        """The shape of the text: `2026-11-20T12:00:00.123456+00:00` has `T .6 +00:00`."""
        fraction = f".{self.digits}" if self.digits else "no fraction"
        return f"{self.separator!r}, {fraction}, {self.offset or 'no offset'}"


@lru_cache(maxsize=65536)
def read_stamp(text: str) -> Stamp | None:
    """Read ISO 8601 in the variations that Python and JavaScript write; None for anything else."""
    found = _STAMP.search(text)
    if found is None:
        return None
    fraction, offset = found["fraction"] or "", found["offset"] or ""
    plain = f"{found['date']}T{found['time']}" + (f".{fraction[:6].ljust(6, '0')}" if fraction else "")
    try:
        instant = datetime.fromisoformat(plain + offset.upper())
        aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Stamp(text=text, instant=aware, offset=offset, digits=len(fraction), separator=found["separator"])
