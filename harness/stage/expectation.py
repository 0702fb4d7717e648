"""What both databases must hold: the dataset, and what scenarios have written since. Never read from a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from harness.target import MessageGroupView, MessageView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from harness.dataset import Dataset, Message, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A message group, seeded or opened by a scenario."""

    uuid: str
    participants: tuple[User, User]

    def other_than(self, user: User) -> User:
        """Return whom the user talks to."""
        one, other = self.participants
        return other if user.uuid == one.uuid else one


@dataclass(kw_only=True)
class Expectation:
    """Grows with every write that a target acknowledged, so that scenarios hold in any order and subset."""

    dataset: Dataset
    _sent: dict[str, list[MessageView]] = field(default_factory=dict)
    #: The message that a group's rows show, where that is no longer the seeded one.
    _shown: dict[str, MessageView] = field(default_factory=dict)
    _opened: list[Conversation] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def conversations(self) -> Iterator[Conversation]:
        """Yield every message group: the seeded ones, then those opened since."""
        for group in self.dataset.groups:
            yield Conversation(uuid=group.uuid, participants=group.participants)
        yield from self._opened

    def conversation_of(self, one: User, other: User) -> Conversation | None:
        """Return the message group of two people."""
        pair = {one.uuid, other.uuid}
        return next((c for c in self.conversations() if {user.uuid for user in c.participants} == pair), None)

    def messages_of(self, message_group_uuid: str) -> tuple[MessageView, ...]:
        """Return pattern A's answer, whole, newest first."""
        seeded = [
            _view(message)
            for group in self.dataset.groups
            if group.uuid == message_group_uuid
            for message in self.dataset.messages_of(group)
        ]
        return _newest_first(seeded + self._sent.get(message_group_uuid, []))

    def groups_of(self, user: User) -> tuple[MessageGroupView, ...]:
        """Return pattern B's answer, whole, newest first."""
        shown = {group.uuid: _view(group.last_message) for group in self.dataset.groups} | self._shown
        rows = [
            MessageGroupView(
                uuid=conversation.uuid,
                display_name=conversation.other_than(user).display_name,
                handle=conversation.other_than(user).handle,
                message=shown[conversation.uuid].message,
                created_at=shown[conversation.uuid].created_at,
            )
            for conversation in self.conversations()
            if user.uuid in {participant.uuid for participant in conversation.participants}
        ]
        return tuple(sorted(rows, key=lambda row: row.created_at, reverse=True))

    def sent(self, conversation: Conversation, sender: User, text: str, *, uuid: str, created_at: datetime) -> None:
        """Count in a message that a target acknowledged with this uuid and instant."""
        with self._lock:
            self._send(conversation, sender, text, uuid, created_at)

    def opened(self, uuids: tuple[str, str], people: tuple[User, User], text: str, created_at: datetime) -> None:
        """Count in pattern D's message, given (message group, message) as acknowledged and (sender, other)."""
        with self._lock:
            conversation = self.conversation_of(*people)
            if conversation is None:
                conversation = Conversation(uuid=uuids[0], participants=people)
                self._opened.append(conversation)
            view = self._send(conversation, people[0], text, uuids[1], created_at)
            # When two people open a group at once, either may be told first; the rows show the message that opened it.
            if conversation in self._opened and created_at <= self._shown.get(conversation.uuid, view).created_at:
                self._shown[conversation.uuid] = view

    def delivered(self) -> None:
        """Every message was handed to the stream's handler: all rows show their group's newest one."""
        with self._lock:
            for conversation in self.conversations():
                if conversation.uuid in self._sent:
                    self._shown[conversation.uuid] = self.messages_of(conversation.uuid)[0]

    def _send(
        self, conversation: Conversation, sender: User, text: str, uuid: str, created_at: datetime
    ) -> MessageView:
        view = MessageView(
            uuid=uuid,
            message_group_uuid=conversation.uuid,
            display_name=sender.display_name,
            handle=sender.handle,
            message=text,
            created_at=created_at,
        )
        self._sent.setdefault(conversation.uuid, []).append(view)
        return view


def _newest_first(messages: list[MessageView]) -> tuple[MessageView, ...]:
    return tuple(sorted(messages, key=lambda message: message.created_at, reverse=True))


def _view(message: Message) -> MessageView:
    return MessageView(
        uuid=message.uuid,
        message_group_uuid=message.message_group_uuid,
        display_name=message.sender.display_name,
        handle=message.sender.handle,
        message=message.text,
        created_at=message.created_at,
    )
