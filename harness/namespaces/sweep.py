"""Namespaces whose owner died are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.namespaces.maker import KEPT, drop_place
from harness.namespaces.namespace import PREFIX, Place
from harness.namespaces.owner import OWNER_LOCK
from harness.stores.dynamodb_wire import Wire
from harness.stores.postgres_databases import Databases

if TYPE_CHECKING:
    from harness.endpoint import Endpoints


def sweep(base: Endpoints) -> tuple[str, ...]:
    """Drop every namespace at these engines that nobody alive owns, and return the names; kept ones stay."""
    databases, wire = Databases(base.postgres), Wire(base.dynamodb)
    try:
        places = [Place.of(name) for name, comment in databases.named(PREFIX) if comment != KEPT]
        by_owner: dict[int, list[Place]] = {}
        for place in places:
            if place is not None:
                by_owner.setdefault(place.owner, []).append(place)
        swept = []
        for owner, owned in by_owner.items():
            if not databases.try_lock(OWNER_LOCK, owner):
                continue  # it lives
            for place in owned:
                drop_place(place, databases, wire)
                swept.append(place.name)
            databases.unlock(OWNER_LOCK, owner)
        return tuple(swept)
    finally:
        databases.close()
        wire.close()
