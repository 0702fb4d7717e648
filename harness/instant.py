"""The one timestamp format: ISO 8601, UTC, fixed width to the microsecond, suffix `+00:00`.

DynamoDB sorts strings, so the text has to sort as the instants do: no dropped fraction, no other offset.
"""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(instant: datetime) -> str:
    """`2026-11-20T12:00:00.000000+00:00`, always 32 characters. `instant` must be aware."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """Read our format and those of the reference application; a stamp without an offset is taken as UTC."""
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
