"""Databases that come and go are best in memory, also on a stack whose own are on a disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.engines import postgres_process
from harness.namespaces.owner import SPACE_LOCK

if TYPE_CHECKING:
    from harness.stack import Stack
    from harness.stores.postgres_databases import Databases

_PREFIX = "harness_memory_"


def memory_space(stack: Stack, databases: Databases) -> str | None:
    """Return a tablespace in memory for the namespaces on an embedded stack that stays.

    None where there is no room, and on other stacks: a passing one is in memory as a whole, as the containers' data are.
    """
    if stack.engine != "embedded" or stack.ephemeral:
        return None
    with databases.locked(SPACE_LOCK, 0):
        for name, folder in databases.spaces(_PREFIX).items():
            if Path(folder).is_dir():  # who logs out may find it gone
                return name
        made = postgres_process.memory_folder(stack.home)
        if made is None:
            return None
        name = f"{_PREFIX}{made.name.rpartition('-')[2]}"
        databases.make_space(name, str(made))
        return name
