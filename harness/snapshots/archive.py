"""Saving, restoring, listing and removing snapshots of the stack that is up."""

from __future__ import annotations

import logging
import shutil
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.engines.lock import locked
from harness.errors import HarnessError, UsageError
from harness.identity.pool import refill_pool
from harness.instant import to_text
from harness.logs import make_state_folder
from harness.snapshots.database import (
    copy_database,
    drop_databases,
    has_database,
    prepare_database,
    replace_database,
)
from harness.snapshots.record import Shelf, Snapshot
from harness.snapshots.tables import read_table, write_table
from harness.stores.dynamodb import DynamoDBStore
from harness.stores.dynamodb_errors import translated
from harness.stores.dynamodb_ready import delete_table, make_table, table_names
from harness.stores.postgres import PostgresStore
from harness.streams.reading.checkpoints import forget_positions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from harness.schema import Schema
    from harness.stack import Stack

log = logging.getLogger(__name__)

#: In the shelf's folder while a restore is under way: the name of what is being restored.
_RESTORING = "restoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What saving or restoring came to."""

    snapshot: Snapshot
    #: Connections of applications to Postgres that had to be ended.
    ended: int


def save(stack: Stack, name: str, schema: Schema, *, now: datetime) -> Done:
    """Save both databases under a name. One that is cut short leaves nothing that `list_snapshots` knows."""
    stack.require_writable("snapshot save")
    shelf, server = _shelf(stack), stack.endpoints.postgres
    place = shelf.place(name)
    with _alone(stack):
        if any(each.name == name for each in shelf.all()):
            raise UsageError(
                f"there is a snapshot {name!r} already", hint=f"harness snapshot rm {name}, or another name"
            )
        _tidy(stack, shelf)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        database = shelf.database(name)
        settings, ended = copy_database(server, database)
        items, checksums = {}, {}
        with closing(DynamoDBStore(stack.endpoints.dynamodb)) as store:
            for table in _tables(stack, store, schema):
                if (written := write_table(store, table, place)) is not None:
                    items[table], checksums[table] = written
        snapshot = Snapshot(
            name=name,
            saved_at=to_text(now),
            database=database,
            settings=settings,
            items=items,
            checksums=checksums,
        )
        shelf.put(snapshot)
    return Done(snapshot=snapshot, ended=ended)


def restore(stack: Stack, name: str, schema: Schema) -> Done:
    """Bring both databases back to a snapshot, without firing a trigger. What is refused is before anything changes.

    The user pool gets the users who are in it then. The tables of DynamoDB are made anew, with streams that are empty, so mappings have no place in them yet.
    """
    stack.require_writable("snapshot restore")
    shelf, server = _shelf(stack), stack.endpoints.postgres
    with _alone(stack):
        snapshot = shelf.get(name)
        if not has_database(server, snapshot.database):
            raise UsageError(
                f"snapshot {name!r} has lost its database {snapshot.database} at {server.shown}",
                hint=f"harness snapshot rm {name}",
            )
        ready = [read_table(table, shelf.place(name), checksum) for table, checksum in snapshot.checksums.items()]
        successor = prepare_database(server, snapshot.database, snapshot.settings)
        (shelf.folder / _RESTORING).write_text(name, encoding="utf-8")
        with closing(DynamoDBStore(stack.endpoints.dynamodb)) as store, translated(store.endpoint):
            for table in {*_tables(stack, store, schema), *snapshot.items}:
                delete_table(store.wire, table)
            for made in ready:
                make_table(store.wire, made)
        ended = replace_database(server, successor)
        forget_positions(stack.config.state_folder / "checkpoints")
        (shelf.folder / _RESTORING).unlink()
        _refill_pool(stack)
    return Done(snapshot=snapshot, ended=ended)


def list_snapshots(stack: Stack) -> tuple[Snapshot, ...]:
    """Return every whole snapshot of the stack, the oldest first."""
    return _shelf(stack).all()


def remove(stack: Stack, name: str) -> Snapshot:
    """Remove a snapshot, and what killed commands left of others."""
    shelf = _shelf(stack)
    with _alone(stack):
        snapshot = shelf.get(name)
        shelf.remove(name)
        _tidy(stack, shelf)
    return snapshot


def cut_short(stack: Stack) -> str | None:
    """Return which snapshot was being restored when that was cut short; the databases may hold a part of it."""
    try:
        return (_shelf(stack).folder / _RESTORING).read_text(encoding="utf-8")
    except OSError:
        return None


def loaded_anew(stack: Stack) -> None:
    """Forget a restore that was cut short: the databases hold something whole again."""
    (_shelf(stack).folder / _RESTORING).unlink(missing_ok=True)


def _refill_pool(stack: Stack) -> None:
    if stack.identity is None:
        return
    try:
        with closing(PostgresStore(stack.endpoints.postgres)) as store:
            refill_pool(stack, store.list_users())
    except HarnessError as exc:  # a table of users in another shape, for example
        log.warning("the user pool is as it was before: %s", exc.message)


def _shelf(stack: Stack) -> Shelf:
    return Shelf(stack.home, stack.project)


def _alone(stack: Stack) -> AbstractContextManager[None]:
    make_state_folder(stack.config.state_folder)
    return locked(
        stack.config.state_folder, on_wait=lambda: log.info("another harness is at work on this stack; waiting for it")
    )


def _tidy(stack: Stack, shelf: Shelf) -> None:
    """Drop databases of this project's snapshots that have no record."""
    known = {each.database for each in shelf.all()}
    drop_databases(stack.endpoints.postgres, shelf.prefix, besides=known)


def _tables(stack: Stack, store: DynamoDBStore, schema: Schema) -> Iterable[str]:
    """Every table of a stack of ours; of services that somebody else runs, those that the project describes."""
    if stack.engine == "external":
        return [table.name for table in schema.tables]
    with translated(store.endpoint):
        return sorted(table_names(store.wire))
