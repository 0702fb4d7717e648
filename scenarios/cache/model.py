"""What is cached, under which keys, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

By = Literal["handle", "cognito_user_id"]
#: Stands in `cognito_user_id` for "no account yet", and may stand there often: it leads to nobody.
NO_ACCOUNT = "MOCK"
#: Half of what DynamoDB takes for a partition key, in bytes; longer names are looked up in the database.
_LONGEST = 1024


class CacheDown(Exception):
    """The cache did not do what it was asked, or did not say so: unreachable, throttled, or without its table."""


class DatabaseDown(Exception):
    """The database gave no answer; a change may have been made or not."""


class NoSuchUser(Exception):
    """There is nobody to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """What look-ups tell of a user."""

    uuid: str
    handle: str
    display_name: str
    cognito_user_id: str

    def keys(self) -> set[Key]:
        """Return the keys that lead to this user."""
        return {by_handle(self.handle), by_cognito_id(self.cognito_user_id)}


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """By what somebody is looked up."""

    by: By
    value: str

    @property
    def leads_nowhere(self) -> bool:
        """Whether nobody can be behind it: no text that a database can hold, or the sign for "no account"."""
        unsayable = "\0" in self.value or any("\ud800" <= character <= "\udfff" for character in self.value)
        return unsayable or (self.by == "cognito_user_id" and self.value == NO_ACCOUNT)

    @property
    def cacheable(self) -> bool:
        """Whether the cache is asked."""
        return not self.leads_nowhere and len(self.value.encode()) <= _LONGEST


def by_handle(handle: str) -> Key:
    """Return the key of whoever has this handle."""
    return Key("handle", handle)


def by_cognito_id(cognito_user_id: str) -> Key:
    """Return the key of whoever has this account: the `sub` of a token."""
    return Key("cognito_user_id", cognito_user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a look-up in the database gave."""

    #: None: there is nobody, which is worth knowing too.
    user: User | None
    #: Seconds since the epoch, by the loader's clock.
    fresh_until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the cache holds for a key by now."""

    value: Value | None = None
    #: Until when somebody's lease to load it runs; 0: nobody loads it.
    leased_until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to a look-up."""

    user: User | None
    #: hit: it was in the cache. loaded: read from the database and cached. waited: another one loaded it. around: read
    #: from the database, past the cache. stale: the database gives no answer, and this is what was known last.
    how: Literal["hit", "loaded", "waited", "around", "stale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long things hold, in seconds."""

    #: How long what was read is served without asking the database. A change waits as long if the cache is down.
    fresh: float = 60.0
    #: The same for "there is nobody of this name".
    fresh_absence: float = 10.0
    #: How much longer it may be served while the database gives no answer.
    stale: float = 300.0
    #: How long whoever loads may take before another one does.
    lease: float = 5.0
    #: How long others wait for the loader before they ask the database themselves.
    patience: float = 2.0
    #: Between two looks at the cache, and between two attempts to invalidate.
    pause: float = 0.05
    #: By how much two machines' clocks may differ.
    skew: float = 1.0


class Cache(Protocol):
    """What is asked of the table. Every call may raise CacheDown, also after it has done its work."""

    def get(self, key: Key) -> Entry:
        """Read the entry as the last acknowledged write left it."""

    def lease(self, key: Key, token: str, *, now: float, until: float) -> Entry | None:
        """Take the lease, unless the value is fresh or somebody else's lease runs. Return what was there before."""

    def fill(self, key: Key, token: str, value: Value) -> bool:
        """Store the value and give the lease back, if it is still ours."""

    def release(self, key: Key, token: str) -> None:
        """Give the lease back, if it is still ours."""

    def forget(self, key: Key) -> None:
        """Remove value and lease, whosever it is."""


class Database(Protocol):
    """What is asked of the database of record. Every call may raise DatabaseDown."""

    def find(self, key: Key) -> User | None:
        """Read who is there."""

    def change(self, user_uuid: str, changes: Mapping[str, str]) -> tuple[User, User]:
        """Change a user and return it as it was and as it is; durable when this returns. NoSuchUser."""

    def add(self, user: User) -> None:
        """Add a user."""

    def remove(self, user_uuid: str) -> User:
        """Remove a user and return it. NoSuchUser."""
