"""What can be read of a JSON Web Token (RFC 7519) without a key."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Header and claims, unverified."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def expires(self) -> datetime | None:
        """The instant of `exp`; None where there is none that makes sense."""
        stamp = self.claims.get("exp")
        if isinstance(stamp, bool) or not isinstance(stamp, int | float):
            return None
        try:
            return datetime.fromtimestamp(stamp, UTC)
        except (OverflowError, OSError, ValueError):
            return None


def read_token(text: str) -> Token | None:
    """Return what a token says; None where it is no token."""
    parts = text.split(".")
    if len(parts) != _PARTS:
        return None
    header, claims = _decoded(parts[0]), _decoded(parts[1])
    return Token(header=header, claims=claims) if header is not None and claims is not None else None


def _decoded(part: str) -> dict[str, Any] | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):  # binascii.Error and JSONDecodeError are kinds of it
        return None
    return found if isinstance(found, dict) else None
