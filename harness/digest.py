"""A hash of data that doesn't depend on the order in which a database gives it back.

Each item is hashed with SHA-256 and the hashes are added modulo 2**256: the sum is the same in any order, needs no
memory, and two equal items count twice. A table's digest is that sum with its count.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MODULUS = 1 << 256
# One encoder for all: json.dumps makes a new one at each call that has options (a third of its time, measured).
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode

#: A value of a Postgres row, as psycopg gives it (uuid cast to text).
Value = str | int | bool | datetime | None


@dataclass(slots=True)
class TableDigest:
    """The running digest of one table."""

    count: int = 0
    total: int = 0

    def add_item(self, item: Mapping[str, Any]) -> None:
        """Count in one DynamoDB item, in DynamoDB JSON (`{"pk": {"S": "MSG#…"}}`)."""
        self._add(_encode(item))

    def add_row(self, row: Sequence[Value]) -> None:
        """Count in one Postgres row, its values in the order of the table's columns."""
        self._add(_encode([_plain(value) for value in row]))

    def _add(self, text: str) -> None:
        self.count += 1
        digest = hashlib.sha256(text.encode()).digest()
        self.total = (self.total + int.from_bytes(digest, "big")) % _MODULUS

    def __str__(self) -> str:
        return f"{self.count}:{self.total:064x}"


def combine(tables: Mapping[str, TableDigest]) -> str:
    """Return one digest (64 hex digits) of several tables, by name."""
    lines = "\n".join(f"{name} {tables[name]}" for name in sorted(tables))
    return hashlib.sha256(lines.encode()).hexdigest()


def _plain(value: Value) -> str | int | bool | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
