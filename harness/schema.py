"""Tables, indexes and relations as files describe them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """A DynamoDB table in the shape of CreateTable, with its time-to-live beside it."""

    name: str
    #: Arguments of CreateTable as AWS spells them, without `TableName`.
    definition: dict[str, Any]
    #: Attribute that holds the expiry (epoch seconds), if time-to-live is on.
    ttl_attribute: str | None
    #: The file it was read from.
    source: Path
    #: What the file says besides that changes nothing about a local table: tags, encryption, backups. As it stands there.
    besides: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One SQL file, run in one transaction and recorded."""

    name: str
    sql: str
    #: SHA-256 of the file, to notice a file that changed after it ran.
    checksum: str
    source: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """Everything a stack must hold before data goes in."""

    tables: tuple[TableSchema, ...]
    migrations: tuple[Migration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which files and a live database differ."""

    #: For example `cruddur-messages` or `public.users`.
    where: str
    #: For example `GlobalSecondaryIndexes.message-group-sk-index`.
    what: str
    wanted: str
    found: str
    #: `in place`: `schema load` does it. `recreate`: only by making the table anew. `by hand`: write a migration.
    remedy: Literal["in place", "recreate", "by hand"]
