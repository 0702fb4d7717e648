"""Who a namespace belongs to, told by a lock that the server lets go of when its holder dies, however it dies."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure
from harness.namespaces.namespace import OWNERS

if TYPE_CHECKING:
    from harness.stores.postgres_databases import Databases

#: The kinds of advisory locks, whose first number is ours by chance: "HN" and a digit.
OWNER_LOCK, TEMPLATE_USED_LOCK, TEMPLATE_MADE_LOCK = (0x484E30 + n for n in range(3))
_TRIES = 100


def claim_owner(databases: Databases, *, pid: int | None = None) -> int:
    """Take a number that no other process has at this server, best this process's id, for as long as it is connected.

    Processes of several machines, or of several containers, may have the same id.
    """
    candidates = random.SystemRandom()
    number = (os.getpid() if pid is None else pid) % OWNERS or 1
    for _ in range(_TRIES):
        if databases.try_lock(OWNER_LOCK, number):
            return number
        number = candidates.randrange(1, OWNERS)
    raise EnvironmentFailure(
        f"no free number among {_TRIES} for the namespaces of this process at {databases.endpoint.shown}",
        hint="harness down, then harness up: a fresh server has them all",
    )
