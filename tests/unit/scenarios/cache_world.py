"""A world in memory in which readers, writers and loaders take turns as a script says, and everything goes wrong.

Every request of every actor is two turns, one until it takes effect and one until the answer comes: so a script can put
anything in between. What is looked up is judged as it is told.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from scenarios.cache import CacheDown, DatabaseDown, NoSuchUser, Terms, User, UserCache, by_cognito_id, by_handle
from scenarios.cache.model import Entry, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scenarios.cache import Found, Key

T = TypeVar("T")

TERMS = Terms(fresh=60, fresh_absence=10, stale=300, lease=5, patience=2, pause=1, skew=1)
KEYS = (by_handle("a"), by_handle("b"), by_cognito_id("x"))
FIRST = User(uuid="1", handle="a", display_name="0", cognito_user_id="x")
ACTORS, READERS = 5, 4
#: Of a hundred events so many are a turn of an actor.
TURNS = 88
MOST_TURNS = 400


class Killed(BaseException):
    """The process of an actor is gone."""


class Taken(Exception):
    """There is a user of this uuid already."""


@dataclass
class Item:
    value: Value | None = None
    lease: str | None = None
    leased_until: float = 0.0
    gone_at: float = 0.0


@dataclass(frozen=True)
class State:
    """What the database held from `since` on."""

    user: User | None
    since: float
    touched: frozenset[Key]

    def answer(self, key: Key) -> User | None:
        held = set() if self.user is None else self.user.keys()
        return self.user if key in held else None


@dataclass
class World:
    """What is true, and who takes the next turn. `script` is used up, then everybody runs to their end."""

    script: list[int]
    make: type[UserCache] = UserCache
    cache: type[FakeCache] = field(default_factory=lambda: FakeCache)
    now: float = 1_000_000.0
    items: dict[Key, Item] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    later: list[Callable[[], Any]] = field(default_factory=list)
    cache_up: bool = True
    database_up: bool = True
    tokens: Iterator[int] = field(default_factory=count)
    how: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def play(self) -> World:
        self.states.append(State(user=FIRST, since=self.now, touched=frozenset(KEYS)))
        actors = [Actor(self, number) for number in range(ACTORS)]
        while self.script:
            pick = self.choose(100)
            if pick < TURNS:
                actors[pick % ACTORS].turn()
            else:
                self.happens(pick - TURNS, actors)
        for turn in range(MOST_TURNS):
            if not actors[turn % ACTORS].over:
                actors[turn % ACTORS].turn()
        for actor in actors:
            actor.kill()
        return self

    def choose(self, options: int) -> int:
        return self.script.pop(0) % options if self.script else 0

    def happens(self, what: int, actors: list[Actor]) -> None:
        match what:
            case 0 | 1:
                self.now += (1, 2, 5, 11, 61, 400)[self.choose(6)]
            case 2:
                self.cache_up = not self.cache_up
            case 3:
                self.database_up = not self.database_up
            case 4 | 5 | 6:
                self.cache_up = self.database_up = True
            case 7 | 8 if self.later:
                self.later.pop(self.choose(len(self.later)))()
            case 9:  # time-to-live, as late as it likes
                self.items = {key: item for key, item in self.items.items() if item.gone_at > self.now}
            case 10:  # another process takes the place of one that died
                number = self.choose(len(actors))
                actors[number].kill()
                actors[number] = Actor(self, number)
            case 11 if self.choose(4) == 0:
                self.items.clear()

    def apply(self, change: Callable[[User | None], User | None]) -> int:
        """Commit a change; return which state it made."""
        before = self.states[-1].user
        after = change(before)
        touched = frozenset().union(*(user.keys() for user in (before, after) if user is not None))
        self.states.append(State(user=after, since=self.now, touched=touched))
        return len(self.states) - 1

    def floor(self, key: Key) -> int:
        """Return the newest state that was acknowledged, of those that touched the key."""
        return max((n for n in self.acknowledged if key in self.states[n].touched), default=0)

    def judge(self, key: Key, found: Found, floor: int) -> None:
        """Note what is told against the law."""
        self.how.append(found.how)
        oldest = floor
        if found.how == "stale":
            limit = self.now - TERMS.fresh - TERMS.stale - TERMS.skew
            oldest = max((n for n, state in enumerate(self.states) if state.since <= limit), default=0)
            oldest = min(oldest, floor)
        if found.user not in [state.answer(key) for state in self.states[oldest:]]:
            self.wrong.append(f"{key} told {found}; states {self.states[oldest:]}")


class Actor:
    """A reader or a writer, in a thread that runs only when it is its turn."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number = world, number
        self.skew = (0.0, 0.5, -0.5)[world.choose(3)]
        self.over = self.dead = False
        self._mine, self._theirs = threading.Semaphore(0), threading.Semaphore(0)
        self.database = FakeDatabase(self)
        self.users = world.make(
            cache=world.cache(self),
            database=self.database,
            clock=lambda: world.now + self.skew,
            wait=self.wait,
            terms=TERMS,
            new_token=self.new_token,
        )
        self._work = self.read if number < READERS else self.write
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def turn(self) -> None:
        self._mine.release()
        self._theirs.acquire()

    def kill(self) -> None:
        if not self.over:
            self.dead = True
            self.turn()
        self._thread.join()

    def pause(self) -> None:
        self._theirs.release()
        self._mine.acquire()
        if self.dead:
            raise Killed

    def wait(self, seconds: float) -> None:
        self.world.now += seconds
        self.pause()

    def new_token(self) -> str:
        """Return one that no process ever used before: a dead one's request may still be under way."""
        return f"{self.number}.{next(self.world.tokens)}"

    def _run(self) -> None:
        self._mine.acquire()
        try:
            while self.world.script and not self.dead:
                self._work()
                self.pause()
        except Killed:
            pass
        finally:
            self.over = True
            self._theirs.release()

    def read(self) -> None:
        key = KEYS[self.world.choose(len(KEYS))]
        floor = self.world.floor(key)
        try:
            found = self.users.look_up(key)
        except DatabaseDown:
            return
        if found.how == "stale" and not self.database.failed:
            self.world.wrong.append(f"{key} told {found} while the database answered")
        self.world.judge(key, found, floor)

    def write(self) -> None:
        name = str(len(self.world.states))
        try:
            match self.world.choose(4):
                case 0:
                    self.users.change("1", display_name=name)
                case 1:
                    handle = "ab"[self.world.choose(2)]
                    self.users.change("1", handle=handle, display_name=name)
                case 2:
                    self.users.remove("1")
                case _:
                    self.users.add(replace(FIRST, display_name=name))
        except (DatabaseDown, NoSuchUser, Taken):
            return
        self.world.acknowledged.add(self.database.made)


class FakeDatabase:
    def __init__(self, actor: Actor) -> None:
        self._actor, self._world = actor, actor.world
        self.made = 0
        self.failed = False

    def find(self, key: Key) -> User | None:
        self._actor.pause()
        self.failed = not self._world.database_up
        if self.failed:
            raise DatabaseDown
        user = self._world.states[-1].answer(key)
        self._actor.pause()
        return user

    def change(self, user_uuid: str, changes: Mapping[str, str]) -> tuple[User, User]:
        before = self._write(lambda user: replace(_there(user, user_uuid), **changes))
        after = self._world.states[self.made].user
        assert before is not None
        assert after is not None
        return before, after

    def add(self, user: User) -> None:
        def new(before: User | None) -> User:
            if before is not None:
                raise Taken
            return user

        self._write(new)

    def remove(self, user_uuid: str) -> User:
        def gone(user: User | None) -> None:
            _there(user, user_uuid)

        before = self._write(gone)
        assert before is not None
        return before

    def _write(self, change: Callable[[User | None], User | None]) -> User | None:
        """Commit; or not, or later, or without an answer, where the database goes down meanwhile."""
        self._actor.pause()
        world = self._world
        if not world.database_up:
            if world.choose(2) and (change_is_possible(change, world.states[-1].user)):
                world.apply(change)
            raise DatabaseDown
        self.made = world.apply(change)
        made = self.made
        self._actor.pause()
        self.made = made
        return world.states[made - 1].user


class FakeCache:
    """DynamoDB's conditional writes. A request that fails did its work, or does it later, or never."""

    def __init__(self, actor: Actor) -> None:
        self._actor, self._world = actor, actor.world

    def get(self, key: Key) -> Entry:
        self._actor.pause()
        if not self._world.cache_up:
            raise CacheDown
        item = self._world.items.get(key, Item())
        entry = Entry(value=item.value, leased_until=item.leased_until)
        self._actor.pause()
        return entry

    def lease(self, key: Key, token: str, *, now: float, until: float) -> Entry | None:
        def apply() -> Entry | None:
            item = self._world.items.setdefault(key, Item(gone_at=until))
            if item.leased_until > now or (item.value is not None and item.value.fresh_until > now):
                return None
            before = Entry(value=item.value, leased_until=item.leased_until)
            item.lease, item.leased_until = token, until
            return before

        return self._write(apply)

    def fill(self, key: Key, token: str, value: Value) -> bool:
        def apply() -> bool:
            item = self._world.items.get(key)
            if not self.may_fill(item, token):
                return False
            self._world.items[key] = Item(value=value, gone_at=value.fresh_until + TERMS.stale)
            return True

        return self._write(apply)

    def may_fill(self, item: Item | None, token: str) -> bool:
        return item is not None and item.lease == token

    def release(self, key: Key, token: str) -> None:
        def apply() -> None:
            item = self._world.items.get(key)
            if item is not None and item.lease == token:
                item.lease, item.leased_until = None, 0.0

        self._write(apply)

    def forget(self, key: Key) -> None:
        self._write(lambda: self._world.items.pop(key, None))

    def _write(self, apply: Callable[[], T]) -> T:
        self._actor.pause()
        world = self._world
        if world.cache_up:
            answer = apply()
            self._actor.pause()
            return answer
        fate = world.choose(3)
        if fate == 1:
            apply()
        elif fate == 2:
            world.later.append(apply)
        raise CacheDown


def change_is_possible(change: Callable[[User | None], User | None], user: User | None) -> bool:
    try:
        change(user)
    except (NoSuchUser, Taken):
        return False
    return True


def _there(user: User | None, uuid: str) -> User:
    if user is None or user.uuid != uuid:
        raise NoSuchUser
    return user
