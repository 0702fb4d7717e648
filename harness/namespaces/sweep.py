"""Namespaces whose owner died are dropped."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from harness.namespaces.owner import OWNER_LOCK, places
from harness.stores import dynamodb_bundle, dynamodb_ready
from harness.stores.dynamodb_errors import translated
from harness.stores.dynamodb_wire import Wire
from harness.stores.postgres_databases import Databases

if TYPE_CHECKING:
    from harness.endpoint import Endpoints
    from harness.namespaces.namespace import Place


def sweep(base: Endpoints) -> tuple[str, ...]:
    """Drop every namespace at these engines that nobody alive owns, and return the names; kept ones stay."""
    swept: list[str] = []
    with closing(Databases(base.postgres)) as databases, closing(Wire(base.dynamodb)) as wire:
        for owner in sorted({place.owner for place, kept in places(databases) if not kept}):
            if databases.try_lock(OWNER_LOCK, owner):  # else it lives
                swept += sweep_owner(owner, databases, wire)
                databases.unlock(OWNER_LOCK, owner)
    return tuple(swept)


def sweep_owner(owner: int, databases: Databases, wire: Wire) -> list[str]:
    """Drop the namespaces of an owner whose lock we hold, and return the names; kept ones stay."""
    left = [place for place, kept in places(databases) if place.owner == owner and not kept]
    for place in left:
        drop_place(place, databases, wire)
    return [place.name for place in left]


def drop_place(place: Place, databases: Databases, wire: Wire, *, bundled: bool = False) -> None:
    """Delete the tables, then drop the database, which is the record that there were any. `bundled`: the engine can that."""
    own = wire.with_key(place.access_key_id)
    tables = dynamodb_bundle if bundled else dynamodb_ready
    with translated(own.endpoint):
        tables.delete_tables(own)
    databases.drop(place.name)
