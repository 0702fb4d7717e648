"""The reference implementation of access patterns A to D, as an application's author would write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .application import Messaging
from .people import People, Person
from .table import Table
from .writes import NotWritten

if TYPE_CHECKING:
    from harness.target import TargetContext

__all__ = ["Messaging", "NotWritten", "People", "Person", "Table", "make_target"]


def make_target(context: TargetContext) -> Messaging:
    """Make the application on the stack's databases; harness.toml names this function as `target`."""
    return Messaging(
        table=Table(client=context.dynamodb, name=context.table),
        people=People(connection=context.postgres),
        clock=context.clock,
    )
