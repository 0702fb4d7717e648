"""The hint that a mistyped word deserves."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """Return a hint that names the known word nearest to `word`, or `otherwise` when none is near."""
    nearest = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean `{nearest[0]}`?" if nearest else otherwise
