"""Logical ids: what resources are called inside a template, which takes letters and digits only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: CloudFormation allows 255; what is put behind a name needs room.
_LONGEST = 200


def logical_ids(names: Iterable[str]) -> dict[str, str]:
    """Return `MessageGroupStream` for `message_group_stream`, and so on; two names never get the same."""
    found: dict[str, str] = {}
    for name in names:
        words = re.findall(r"[A-Za-z0-9]+", name)
        plain = "".join(word[0].upper() + word[1:] for word in words)[:_LONGEST] or "Unnamed"
        number, taken = 1, set(found.values())
        while (each := plain if number == 1 else f"{plain}X{number}") in taken:
            number += 1
        found[name] = each
    return found
