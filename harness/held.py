"""What two databases hold at one moment, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a relation."""

    name: str
    #: As PostgreSQL writes it: `timestamp without time zone`.
    type: str
    nullable: bool
    has_default: bool


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A table of PostgreSQL with its rows."""

    #: Without the schema where that is `public`.
    name: str
    columns: tuple[Column, ...]
    #: By column; values as text where they are no bool, int, float, str or None.
    rows: tuple[Mapping[str, Any], ...]
    #: Column names of primary key and unique constraints or indexes.
    unique: tuple[tuple[str, ...], ...] = ()
    #: How many rows there are; more than `rows` where there were too many to read.
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of DynamoDB with its items."""

    name: str
    #: As DescribeTable gives it, below `Table`.
    description: Mapping[str, Any]
    #: In DynamoDB JSON: `{"pk": {"S": "MSG#…"}, …}`.
    items: tuple[Mapping[str, Mapping[str, Any]], ...]
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Held:
    """Both databases at one moment."""

    relations: Mapping[str, Relation] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)

    @cached_property
    def users(self) -> Relation | None:
        """The relation of users: the one that has handles."""
        named = self.relations.get("users")
        if named is not None:
            return named
        with_handles = [r for r in self.relations.values() if any(c.name == "handle" for c in r.columns)]
        return with_handles[0] if len(with_handles) == 1 else None
