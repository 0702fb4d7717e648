"""Look-ups and changes: what keeps the cache from ever telling less than what was acknowledged.

The law: after a change is acknowledged, no look-up that begins later tells what was before, unless the database gives
no answer and what is told is within the bound for stale answers. Three things keep it:

- Only who holds the key's lease may fill it in, and every change takes the lease away with the entry. So a loader that
  read the old row can't overwrite a newer invalidation (leases as in "Scaling Memcache at Facebook", NSDI 2013, 3.2.1).
- A change is acknowledged when its entries are gone. Where the cache can't be reached, it is acknowledged when every
  copy of them has expired, wherever it lies ("Leases", Gray and Cheriton, SOSP 1989).
- What expired is told by the reader's clock, never by the absence of the item: DynamoDB deletes late, by days even.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from .model import CacheDown, DatabaseDown, Entry, Found, Terms, User, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .model import Cache, Database, Key


def _new_token() -> str:
    return uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCache:
    """Users by handle and by cognito id, read aside. Can be shared by threads, if cache and database can."""

    cache: Cache
    database: Database
    #: Seconds since the epoch.
    clock: Callable[[], float]
    #: Called with the seconds to sleep.
    wait: Callable[[float], object]
    terms: Terms = field(default_factory=Terms)
    new_token: Callable[[], str] = _new_token

    def look_up(self, key: Key) -> Found:
        """Tell who is there. DatabaseDown where neither database nor cache can say."""
        if not key.cacheable:
            return self._around(key)
        try:
            return self._through_cache(key)
        except CacheDown:
            return self._around(key)

    def change(self, user_uuid: str, **changes: str) -> User:
        """Change a user's handle, display name or cognito id; when this returns, look-ups tell of it.

        DatabaseDown: it may have been made or not, and look-ups may tell the old one for `terms.fresh` seconds.
        """
        before, after = self.database.change(user_uuid, changes)
        self._invalidate(before.keys() | after.keys())
        return after

    def add(self, user: User) -> None:
        """Add a user; when this returns, nobody is told any longer that there is none."""
        self.database.add(user)
        self._invalidate(user.keys())

    def remove(self, user_uuid: str) -> None:
        """Remove a user; when this returns, nobody is told of it."""
        self._invalidate(self.database.remove(user_uuid).keys())

    def _through_cache(self, key: Key) -> Found:
        patient_until = self.clock() + self.terms.patience
        waited = False
        while True:
            entry, now = self.cache.get(key), self.clock()
            if entry.value is not None and now < entry.value.fresh_until:
                return Found(user=entry.value.user, how="waited" if waited else "hit")
            if entry.leased_until <= now:
                token = self.new_token()
                held = self.cache.lease(key, token, now=now, until=now + self.terms.lease)
                if held is not None:
                    return self._load(key, token, held)
            if self.clock() >= patient_until:
                return self._around(key, entry)
            self.wait(self.terms.pause)
            waited = True

    def _load(self, key: Key, token: str, held: Entry) -> Found:
        began = self.clock()  # before the database is read: what is read may be as old as this
        try:
            user = self.database.find(key)
        except DatabaseDown as down:
            with suppress(CacheDown):
                self.cache.release(key, token)
            return self._last_known(held, down)
        lasts = self.terms.fresh if user else self.terms.fresh_absence
        with suppress(CacheDown):  # the next one loads it again
            self.cache.fill(key, token, Value(user=user, fresh_until=began + lasts))
        return Found(user=user, how="loaded")

    def _around(self, key: Key, entry: Entry | None = None) -> Found:
        try:
            return Found(user=self.database.find(key), how="around")
        except DatabaseDown as down:
            return self._last_known(entry or Entry(), down)

    def _last_known(self, entry: Entry, down: DatabaseDown) -> Found:
        """Tell what was known last, if that isn't too old."""
        if entry.value is not None and self.clock() < entry.value.fresh_until + self.terms.stale:
            return Found(user=entry.value.user, how="stale")
        raise down

    def _invalidate(self, keys: Iterable[Key]) -> None:
        """Return when no cache can tell what was before the change, which is in the database by now."""
        expired_at = self.clock() + max(self.terms.fresh, self.terms.fresh_absence) + self.terms.skew
        for key in sorted(key for key in keys if key.cacheable):
            while not self._forgotten(key) and self.clock() < expired_at:
                self.wait(self.terms.pause)

    def _forgotten(self, key: Key) -> bool:
        try:
            self.cache.forget(key)
        except CacheDown:
            return False
        return True
