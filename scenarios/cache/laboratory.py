"""A cache whose clock runs as one likes and whose database goes down on demand, on tables and people of its own."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import psycopg
from botocore.config import Config
from psycopg_pool import ConnectionPool

from .model import Terms, User
from .postgres import UsersInPostgres
from .read_aside import UserCache
from .table import CacheTable, make_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .model import Key

TERMS = Terms()
#: A cache that takes longer is no help …
QUICK = Config(connect_timeout=0.5, read_timeout=1.0, retries={"total_max_attempts": 1}, max_pool_connections=16)
#: … but here a busy machine is not to be taken for one that is down.
_PATIENT = Config(connect_timeout=10.0, read_timeout=60.0, retries={"total_max_attempts": 1}, max_pool_connections=16)
#: Threads that ask at once.
AT_ONCE = 8


@dataclass(kw_only=True)
class Lab:
    """A cache whose surroundings can be disturbed."""

    cache: CacheTable
    pool: ConnectionPool[Any]
    #: The clock stands, but for what passes on it.
    began: float = field(default_factory=time.time)
    passed: float = 0.0
    database_down: bool = False
    #: Database look-ups since the beginning.
    asked: int = 0
    #: Called once, when the next look-up has read the database and not yet gone on.
    meanwhile: Callable[[], object] | None = None
    people: list[User] = field(default_factory=list)

    def users(self, cache: CacheTable | None = None, wait: Callable[[float], object] | None = None) -> UserCache:
        """Return a cache; waiting moves the clock, unless it is told otherwise."""
        return UserCache(
            cache=cache or self.cache,
            database=Watched(users=self.database, lab=self),
            clock=self.clock,
            wait=wait or self.later,
            terms=TERMS,
        )

    @property
    def database(self) -> UsersInPostgres:
        """The database of record."""
        return UsersInPostgres(lend=self.lend)

    def clock(self) -> float:
        """Seconds since the epoch."""
        return self.began + self.passed

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += seconds

    @contextmanager
    def lend(self) -> Iterator[Any]:
        """Lend a connection, while the database is up."""
        if self.database_down:
            raise psycopg.OperationalError("the database is down, says the scenario")
        with self.pool.connection() as connection:
            yield connection

    def newcomer(self) -> User:
        """Return somebody whom no database knows yet."""
        name = f"cache-{uuid4().hex[:12]}"
        user = User(uuid=str(uuid4()), handle=name, display_name=name.title(), cognito_user_id=str(uuid4()))
        self.people.append(user)
        return user

    def somebody(self) -> User:
        """Return somebody whom the database knows and the cache doesn't."""
        user = self.newcomer()
        self.users().add(user)
        return user


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A database whose look-ups are counted, and which lets something happen between reading and going on."""

    users: UsersInPostgres
    lab: Lab

    def find(self, key: Key) -> User | None:
        """Read who is there."""
        found = self.users.find(key)
        self.lab.asked += 1
        meanwhile, self.lab.meanwhile = self.lab.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.users, name)


@contextmanager
def laboratory() -> Iterator[Lab]:
    """Work where the environment leads, on a new table; leave nothing behind."""
    client, name = boto3.client("dynamodb", config=_PATIENT), f"cache-{uuid4().hex[:12]}"
    make_table(client, name)
    with ConnectionPool(os.environ["CONNECTION_URL"], min_size=1, max_size=AT_ONCE) as pool:
        lab = Lab(cache=CacheTable(client=client, name=name, terms=TERMS), pool=pool)
        try:
            yield lab
        finally:
            client.delete_table(TableName=name)
            with pool.connection() as connection:
                made = [user.uuid for user in lab.people]
                connection.execute("DELETE FROM public.users WHERE uuid = ANY(%s::uuid[])", (made,))
