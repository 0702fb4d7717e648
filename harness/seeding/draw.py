"""Where chance comes from: a hash of the seed number and of what is being drawn for.

Nothing is shared between two entities, so that one more of one kind changes no other; and unlike `random`, whose
methods may draw differently in another Python, a hash stays what it is.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

T = TypeVar("T")

_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


class Draw:
    """The numbers drawn for one entity; 512 bits of them, then only zeros."""

    __slots__ = ("_rest",)

    def __init__(self, *key: str | int) -> None:
        self._rest = int.from_bytes(hashlib.sha512(_name(key)).digest(), "big")

    def below(self, bound: int) -> int:
        """Draw a whole number from 0 to `bound` - 1."""
        self._rest, drawn = divmod(self._rest, bound)
        return drawn

    def choice(self, options: tuple[T, ...]) -> T:
        """Draw one of the options."""
        return options[self.below(len(options))]


def make_uuid(*key: str | int) -> str:
    """Return the UUID of one entity, lower case, marked as made from a name (version 5, RFC variant)."""
    digits = hashlib.sha256(_name(key)).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:32]}"


def _name(key: tuple[str | int, ...]) -> bytes:
    return ":".join(map(str, key)).encode()
