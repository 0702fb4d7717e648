"""The four calls: who may do it, then the read or the write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.target import MessageGroupView, MessageView, Page, Refused

from . import reads, writes
from .writes import Draft

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .people import People
    from .table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Messaging:
    """Conversations of two people each."""

    table: Table
    people: People
    clock: Callable[[], datetime]

    def list_messages(
        self, *, user_uuid: str, message_group_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageView]:
        """Pattern A."""
        return reads.list_messages(self.table, user_uuid, message_group_uuid, limit, cursor)

    def list_message_groups(
        self, *, user_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageGroupView]:
        """Pattern B."""
        return reads.list_message_groups(self.table, user_uuid, limit, cursor)

    def create_message(self, *, user_uuid: str, message_group_uuid: str, message: str) -> MessageView:
        """Pattern C."""
        text = writes.checked(message)
        rows = self.table.group_rows(message_group_uuid)
        if not self.table.is_member(user_uuid, message_group_uuid, rows):
            raise Refused("not_a_member")
        draft = Draft(sender=self.people.find(user_uuid), text=text)
        return writes.create_message(self.table, draft, message_group_uuid, self.clock())

    def create_message_group(self, *, user_uuid: str, other_user_uuid: str, message: str) -> MessageView:
        """Pattern D."""
        draft = Draft(text=writes.checked(message), sender=self.people.find(user_uuid))
        other = self.people.find(other_user_uuid)
        if other.uuid == draft.sender.uuid:
            raise Refused("same_person", "a conversation takes two people")
        existing = writes.group_of_pair(self.table, draft.sender, other)
        made = existing or writes.create_message_group(self.table, draft, other, self.clock())
        if isinstance(made, MessageView):
            return made
        return writes.create_message(self.table, draft, made, self.clock())
