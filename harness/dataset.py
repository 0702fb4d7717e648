"""Seed data: people, their conversations and activities, and how they look in both databases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from harness.digest import TableDigest, Value, combine
from harness.instant import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

#: A DynamoDB item in DynamoDB JSON: `{"pk": {"S": "MSG#…"}, …}`.
Item = dict[str, dict[str, Any]]

USER_COLUMNS = ("uuid", "display_name", "handle", "email", "cognito_user_id", "created_at")
ACTIVITY_COLUMNS = (
    "uuid",
    "user_uuid",
    "message",
    "replies_count",
    "reposts_count",
    "likes_count",
    "reply_to_activity_uuid",
    "expires_at",
    "created_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A row of `public.users`."""

    uuid: str
    display_name: str
    handle: str
    email: str
    cognito_user_id: str
    created_at: datetime

    def row(self) -> tuple[Value, ...]:
        """Values in the order of USER_COLUMNS."""
        return (self.uuid, self.display_name, self.handle, self.email, self.cognito_user_id, self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A row of `public.activities`."""

    uuid: str
    user_uuid: str
    message: str
    replies_count: int
    reposts_count: int
    likes_count: int
    reply_to_activity_uuid: str | None
    expires_at: datetime
    created_at: datetime

    def row(self) -> tuple[Value, ...]:
        """Values in the order of ACTIVITY_COLUMNS."""
        return tuple(getattr(self, column) for column in ACTIVITY_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message item: pk `MSG#<message_group_uuid>`, sk its created_at."""

    uuid: str
    message_group_uuid: str
    sender: User
    text: str
    created_at: datetime

    def item(self) -> Item:
        """Return the item as the reference application writes it."""
        return {
            "pk": {"S": f"MSG#{self.message_group_uuid}"},
            "sk": {"S": to_text(self.created_at)},
            "message": {"S": self.text},
            "message_uuid": {"S": self.uuid},
            "user_uuid": {"S": self.sender.uuid},
            "user_display_name": {"S": self.sender.display_name},
            "user_handle": {"S": self.sender.handle},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageGroup:
    """A conversation of two people; its sk and text in the table are those of its last message."""

    uuid: str
    participants: tuple[User, User]
    message_count: int
    last_message: Message

    def items(self) -> tuple[Item, Item]:
        """Both group rows: each under one participant's `GRP#`, showing the other one."""
        first, second = self.participants
        return self._row(first, second), self._row(second, first)

    def _row(self, owner: User, other: User) -> Item:
        return {
            "pk": {"S": f"GRP#{owner.uuid}"},
            "sk": {"S": to_text(self.last_message.created_at)},
            "message_group_uuid": {"S": self.uuid},
            "message": {"S": self.last_message.text},
            "user_uuid": {"S": other.uuid},
            "user_display_name": {"S": other.display_name},
            "user_handle": {"S": other.handle},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Everything one seed number and one instant give. Messages are made while they are read, never kept."""

    seed: int
    as_of: datetime
    table: str
    users: tuple[User, ...]
    groups: tuple[MessageGroup, ...]
    activities: tuple[Activity, ...]
    #: Oldest first, `group.message_count` of them; calling it again gives the same ones.
    messages_of: Callable[[MessageGroup], Iterator[Message]]

    def items(self) -> Iterator[Item]:
        """Yield every DynamoDB item: group rows, then messages, group by group."""
        for group in self.groups:
            yield from group.items()
            for message in self.messages_of(group):
                yield message.item()

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {
            "users": len(self.users),
            "activities": len(self.activities),
            "message_groups": len(self.groups),
            "messages": sum(group.message_count for group in self.groups),
        }

    def table_digests(self) -> dict[str, TableDigest]:
        """Return the digest of each table that this dataset fills."""
        digests = {self.table: TableDigest(), "public.users": TableDigest(), "public.activities": TableDigest()}
        for item in self.items():
            digests[self.table].add_item(item)
        for user in self.users:
            digests["public.users"].add_row(user.row())
        for activity in self.activities:
            digests["public.activities"].add_row(activity.row())
        return digests

    def digest(self) -> str:
        """64 hex digits: the same on any day, machine, locale, time zone and PYTHONHASHSEED."""
        return combine(self.table_digests())


class Progress(Protocol):
    """Told how far a long piece of work is. Commands draw it on a terminal; tests and pipes ignore it."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """`done` of `total` (None: unknown) pieces of `what` are finished."""


def silent(what: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""
