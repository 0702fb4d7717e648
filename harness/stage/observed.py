"""A target that is watched: what it acknowledges is counted into the expectation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.dataset import User
    from harness.stage.expectation import Expectation
    from harness.target import MessageGroupView, MessageView, Page, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedTarget:
    """Passes the four calls on."""

    target: Target
    expected: Expectation

    def list_messages(
        self, *, user_uuid: str, message_group_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageView]:
        """Pattern A."""
        return self.target.list_messages(
            user_uuid=user_uuid, message_group_uuid=message_group_uuid, limit=limit, cursor=cursor
        )

    def list_message_groups(
        self, *, user_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageGroupView]:
        """Pattern B."""
        return self.target.list_message_groups(user_uuid=user_uuid, limit=limit, cursor=cursor)

    def create_message(self, *, user_uuid: str, message_group_uuid: str, message: str) -> MessageView:
        """Pattern C."""
        view = self.target.create_message(user_uuid=user_uuid, message_group_uuid=message_group_uuid, message=message)
        sender = self._user(user_uuid)
        for conversation in self.expected.conversations():
            if conversation.uuid == message_group_uuid and sender is not None:
                self.expected.sent(conversation, sender, message, uuid=view.uuid, created_at=view.created_at)
        return view

    def create_message_group(self, *, user_uuid: str, other_user_uuid: str, message: str) -> MessageView:
        """Pattern D."""
        view = self.target.create_message_group(user_uuid=user_uuid, other_user_uuid=other_user_uuid, message=message)
        sender, other = self._user(user_uuid), self._user(other_user_uuid)
        if sender is not None and other is not None:
            self.expected.opened((view.message_group_uuid, view.uuid), (sender, other), message, view.created_at)
        return view

    def _user(self, uuid: str) -> User | None:
        return next((user for user in self.expected.dataset.users if user.uuid == uuid), None)
