"""What namespaces are made from: schema and seed, prepared once for each pair of engines and each content."""

from __future__ import annotations

import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.dataset import silent
from harness.errors import UsageError
from harness.namespaces.namespace import PREFIX
from harness.namespaces.owner import TEMPLATE_MADE_LOCK, TEMPLATE_USED_LOCK
from harness.stores.dynamodb_ready import ReadyTable
from harness.stores.postgres import PostgresStore
from harness.stores.postgres_databases import require_right
from harness.stores.registry import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import Dataset, Item
    from harness.endpoint import PostgresEndpoint
    from harness.schema import Schema
    from harness.stores.postgres_databases import Databases, Settings

_PREFIX = f"{PREFIX}template_"
#: Goes into the digest: templates of a harness that makes them otherwise are others.
_VERSION = 1
#: Templates that nobody uses are kept for the next run, but not all that there ever were.
KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A Postgres database to clone, and the requests that make the DynamoDB tables."""

    #: Of schema and data: 64 hex digits.
    digest: str
    database: str
    settings: Settings
    tables: tuple[ReadyTable, ...]
    #: None: schema only.
    dataset: Dataset | None


def prepare_template(databases: Databases, schema: Schema, dataset: Dataset | None) -> Template:
    """Return the template of this content, made by the first process that wants it while others wait.

    It can't be dropped by `forget_templates` as long as `databases` is open. Several may be in use at once.
    """
    require_right(databases, "a template")
    digest = content_digest(schema, dataset)
    name, number = f"{_PREFIX}{digest[:16]}", _lock_number(digest)
    databases.lock_shared(TEMPLATE_USED_LOCK, number)
    if not databases.sealed(name):
        with databases.locked(TEMPLATE_MADE_LOCK, number):
            if not databases.sealed(name):  # nobody made it meanwhile
                _make(databases, name, schema, dataset)
    return Template(
        digest=digest,
        database=name,
        settings=databases.settings(name),
        tables=tuple(_ready(schema, dataset)),
        dataset=dataset,
    )


def forget_templates(databases: Databases, *, keep: int = KEPT) -> tuple[str, ...]:
    """Drop what others left of templates beyond the newest few that nobody uses; return their names."""
    dropped, spared = [], 0
    for name, _ in reversed(databases.named(_PREFIX)):
        number = _lock_number(name.removeprefix(_PREFIX))
        if not databases.try_lock(TEMPLATE_USED_LOCK, number):
            continue
        spared += 1
        if spared > keep:
            databases.unseal_and_drop(name)
            dropped.append(name)
        databases.unlock(TEMPLATE_USED_LOCK, number)
    return tuple(dropped)


def content_digest(schema: Schema, dataset: Dataset | None) -> str:
    """Return a digest of everything that a template is made from."""
    parts = [
        _VERSION,
        [[table.name, table.definition, table.ttl_attribute] for table in schema.tables],
        [[migration.name, migration.checksum] for migration in schema.migrations],
        dataset and [dataset.table, dataset.digest()],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _make(databases: Databases, name: str, schema: Schema, dataset: Dataset | None) -> None:
    """Make the database; what a killed process made of it so far is dropped. Sealed only when it is whole."""
    with ExitStack() as undo:
        databases.clone(name, "template0")
        undo.callback(databases.drop, name)
        _fill(databases.endpoint, name, schema, dataset)
        databases.seal(name)
        undo.pop_all()


def _fill(server: PostgresEndpoint, name: str, schema: Schema, dataset: Dataset | None) -> None:
    store = PostgresStore(replace(server, database=name))
    try:
        store.apply(schema)
        if dataset is not None:
            store.load(dataset, schema, progress=silent)
            verify(dataset.table_digests(), store.digests(dataset))
    finally:
        store.close()


def _ready(schema: Schema, dataset: Dataset | None) -> Iterator[ReadyTable]:
    names = {table.name for table in schema.tables}
    if dataset is not None and dataset.table not in names:
        raise UsageError(
            f"the seed goes into table {dataset.table!r}, which no schema file describes",
            hint=f"set `table` in harness.toml to one of {', '.join(sorted(names)) or 'none'}, or add a file for it",
        )
    for table in schema.tables:
        items: Iterator[Item] = iter(())
        if dataset is not None and dataset.table == table.name:
            items = dataset.items()
        yield ReadyTable.of(table, items)


def _lock_number(digest: str) -> int:
    """Return a number for the lock: four bytes with a sign are what PostgreSQL takes."""
    return int(digest[:7], 16)
