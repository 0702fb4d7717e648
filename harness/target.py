"""What scenarios speak to: somebody's implementation of the four calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, runtime_checkable

from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

T = TypeVar("T")

#: Reasons for which an application refuses that scenarios ask for.
REASONS = frozenset({"message_blank", "message_exceed_max_chars", "not_a_member", "same_person", "user_unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message as an application shows it."""

    uuid: str
    message_group_uuid: str
    display_name: str
    handle: str
    message: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageGroupView:
    """A row of somebody's list of message groups: it shows the *other* person."""

    uuid: str
    display_name: str
    handle: str
    message: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Newest first; `cursor` is None on the last page, else what asks for the next one."""

    entries: tuple[T, ...]
    cursor: str | None


class Refused(Exception):
    """The application declined, for a reason that it names (`not_a_member`, `message_blank`, …)."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class Broke(HarnessError):
    """The application broke on what it was asked: an HTTP API that answers 5xx, or a function that raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing that all answers must keep to, and what didn't."""

    name: str
    #: What must be, for who reads that it isn't.
    must: str
    #: What was found instead; empty where it was kept.
    breaches: tuple[str, ...]


@runtime_checkable
class Judged(Protocol):
    """A target that looks at its answers, besides what scenarios compare of them."""

    def kept(self) -> Iterable[Kept]:
        """Return what the answers since the last time were held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetContext:
    """What the callable named by `target` in harness.toml is given to make a Target from."""

    #: A boto3 `dynamodb` client for the stack.
    dynamodb: Any
    #: A psycopg connection to the stack's database, in autocommit mode.
    postgres: Any
    #: The DynamoDB table that holds the conversations.
    table: str
    #: Now, in UTC. A target that asks it can be played at any instant.
    clock: Callable[[], datetime]
    #: What `harness env` prints; also in os.environ while scenarios run, for code that makes its own clients.
    environment: Mapping[str, str]


class Target(Protocol):
    """The four calls of access patterns A to D. People are named by their user uuid."""

    def list_messages(
        self, *, user_uuid: str, message_group_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageView]:
        """Pattern A. Raises Refused(`not_a_member`); an unknown group is an empty page."""

    def list_message_groups(
        self, *, user_uuid: str, limit: int = 20, cursor: str | None = None
    ) -> Page[MessageGroupView]:
        """Pattern B."""

    def create_message(self, *, user_uuid: str, message_group_uuid: str, message: str) -> MessageView:
        """Pattern C. Raises Refused (`not_a_member`, `message_blank`, `message_exceed_max_chars`)."""

    def create_message_group(self, *, user_uuid: str, other_user_uuid: str, message: str) -> MessageView:
        """Pattern D. A pair that already has a group gets the message there, and no second group."""
