"""Who a namespace belongs to, told by a lock that the server lets go of when its holder dies, however it dies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure
from harness.namespaces.namespace import OWNERS, PREFIX, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.stores.postgres_databases import Databases

#: The kinds of advisory locks, whose first number is ours by chance: "HN" and a digit.
OWNER_LOCK, TEMPLATE_USED_LOCK, TEMPLATE_MADE_LOCK, SPACE_LOCK = (0x484E30 + n for n in range(4))
#: The comment on a namespace's database that keeps others from sweeping it.
KEPT = "kept"
_LAST = 1000


def claim_owner(databases: Databases) -> int:
    """Take the lowest number that no process has at this server, for as long as this process is connected.

    The lowest, and not the process id: who follows a killed process takes its access keys too, so that there are no
    more of them than processes need at one time. And processes of several machines may have one id.
    """
    taken = {place.owner for place, kept in places(databases) if kept}
    for number in range(1, min(_LAST, OWNERS)):
        if number not in taken and databases.try_lock(OWNER_LOCK, number):
            return number
    raise EnvironmentFailure(
        f"{_LAST} processes have namespaces at {databases.endpoint.shown}, or kept some",
        hint="harness down, then harness up: a fresh server has none",
    )


def places(databases: Databases) -> Iterator[tuple[Place, bool]]:
    """Yield every namespace that there is at a server, and whether it is to be kept."""
    for name, comment in databases.named(PREFIX):
        if (place := Place.of(name)) is not None:
            yield place, comment == KEPT
