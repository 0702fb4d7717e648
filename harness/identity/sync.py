"""Which `users.cognito_user_id` is to become which `sub`, by handle; and who has no partner. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from harness.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.stores.postgres_users import UserRow
    from harness.stores.user_pools import PoolUser


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row's new `cognito_user_id`."""

    uuid: str
    handle: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """Somebody who is on one side only."""

    handle: str
    #: The handle of the other side that is nearest to it and has no partner either; None where none is near.
    nearest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """A handle that several have; none of them is touched, for nobody can say which one is meant."""

    handle: str
    #: `pool` or `database`.
    side: str
    #: The pool's usernames, or the uuids of the rows.
    whose: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A sub that cannot be written, because the row of another handle has it, and keeps it."""

    handle: str
    sub: str
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What `users sync` would do, and whom it can't help."""

    changes: tuple[Change, ...]
    #: How many agree already.
    agreeing: int
    #: In the database, and not in the pool.
    without_pool_user: tuple[Alone, ...]
    #: In the pool, and not in the database.
    without_row: tuple[Alone, ...]
    #: Usernames of pool users that have no `preferred_username`.
    nameless: tuple[str, ...]
    doubled: tuple[Doubled, ...]
    held: tuple[Held, ...]

    @property
    def complete(self) -> bool:
        """Whether everybody who can sign in has a row of their own, or gets it. Not every row needs to sign in."""
        return not (self.without_row or self.nameless or self.doubled or self.held)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return asdict(self) | {"complete": self.complete}


def plan_sync(pool_users: Sequence[PoolUser], rows: Sequence[UserRow]) -> SyncPlan:
    """Compare both sides by handle, letter by letter: that is how the application looks users up."""
    doubled = (
        *_doubled("pool", [(user.handle, user.username) for user in pool_users if user.handle]),
        *_doubled("database", [(row.handle, row.uuid) for row in rows]),
    )
    unclear = {each.handle for each in doubled}
    subs = {user.handle: user.sub for user in pool_users if user.handle and user.handle not in unclear}
    partners = [row for row in rows if row.handle in subs]
    wanted = [row for row in partners if row.cognito_user_id != subs[row.handle]]
    held = _held(rows, {row.uuid: subs[row.handle] for row in wanted})
    stopped = {each.handle for each in held}
    named = {user.handle for user in pool_users if user.handle}
    handles = {row.handle for row in rows}
    return SyncPlan(
        changes=tuple(
            Change(uuid=row.uuid, handle=row.handle, before=row.cognito_user_id, after=subs[row.handle])
            for row in wanted
            if row.handle not in stopped
        ),
        agreeing=len(partners) - len(wanted),
        without_pool_user=_alone(handles - named, named - handles),
        without_row=_alone(named - handles, handles - named),
        nameless=tuple(sorted(user.username for user in pool_users if not user.handle)),
        doubled=doubled,
        held=held,
    )


def _doubled(side: str, named: Sequence[tuple[str, str]]) -> tuple[Doubled, ...]:
    counts = Counter(handle for handle, _ in named)
    return tuple(
        Doubled(handle=handle, side=side, whose=tuple(sorted(who for other, who in named if other == handle)))
        for handle in sorted(handle for handle, count in counts.items() if count > 1)
    )


def _alone(these: set[str], others: set[str]) -> tuple[Alone, ...]:
    return tuple(Alone(handle=handle, nearest=nearest(handle, others)) for handle in sorted(these))


def _held(rows: Sequence[UserRow], wanted: dict[str, str]) -> tuple[Held, ...]:
    """Return whose sub stands in a row that is not about to get another one. Who is stopped so keeps the old one."""
    left, found = dict(wanted), list[Held]()
    while True:
        stay = {row.cognito_user_id: row.handle for row in rows if row.uuid not in left}
        stopped = [row for row in rows if left.get(row.uuid) in stay]
        if not stopped:
            return tuple(found)
        found += [Held(handle=row.handle, sub=(sub := left.pop(row.uuid)), holder=stay[sub]) for row in stopped]
