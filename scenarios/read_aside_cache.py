"""The read-aside cache: what it tells in good times and bad, and what it costs; docs/cache.md says how it works.

It makes people and a table of its own, and removes them. Hours pass on a clock that it sets itself.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import boto3

from harness.scenario import Run, scenario
from scenarios.cache import DatabaseDown, UsersInPostgres, by_cognito_id, by_handle
from scenarios.cache.laboratory import AT_ONCE, QUICK, TERMS, Lab, laboratory

if TYPE_CHECKING:
    from scenarios.cache import Found, Key, User, UserCache

LOOK_UPS = 200


@scenario("cache", "look users up aside: in DynamoDB first, in Postgres where it doesn't know", when_named=True)
def look_ups_are_right_whatever_happens(run: Run) -> None:
    """Whatever is down, expires, or races, nobody is told what was before an acknowledged change."""
    with laboratory() as lab:
        misses_then_hits(run, lab)
        knows_who_is_not_there(run, lab)
        tells_no_change_too_late(run, lab)
        ignores_what_a_slow_loader_read(run, lab)
        loads_once_for_many(run, lab)
        outlives_its_loader(run, lab)
        tells_what_was_known_while_the_database_is_down(run, lab)
        is_right_while_the_cache_is_down(run, lab)
        measures(run, lab)


def told(*found: Found) -> list[tuple[User | None, str]]:
    """Return what look-ups gave, and how."""
    return [(each.user, each.how) for each in found]


def misses_then_hits(run: Run, lab: Lab) -> None:
    """The first look-up asks the database, the next ones don't, until what it read has expired."""
    user, users = lab.somebody(), lab.users()
    for key in (by_handle(user.handle), by_cognito_id(user.cognito_user_id)):
        asked = lab.asked
        with run.recording():
            found = [users.look_up(key) for _ in range(3)]
        run.expect(f"by {key.by}: one miss, then hits", told(*found), [(user, "loaded"), (user, "hit"), (user, "hit")])
        run.expect(f"by {key.by}: the database was asked once", lab.asked - asked, 1)
    with run.recording() as calls:
        users.look_up(by_handle(user.handle))
    run.price("a look-up that hits", calls)
    run.expect_capacity("a hit costs one consistent read", calls, at_most=1.0)
    lab.later(TERMS.fresh)
    with run.recording() as calls:
        found = [users.look_up(by_handle(user.handle))]
    run.price("a look-up that misses", calls)
    found.append(users.look_up(by_handle(user.handle)))
    run.expect(
        "what expired is no hit, though it is still in the table", told(*found), [(user, "loaded"), (user, "hit")]
    )


def knows_who_is_not_there(run: Run, lab: Lab) -> None:
    """That there is nobody is remembered, and forgotten when somebody comes."""
    user, users = lab.newcomer(), lab.users()
    key = by_handle(user.handle)
    with run.recording():
        found = [users.look_up(key) for _ in range(2)]
    run.expect("nobody is remembered as nobody", told(*found), [(None, "loaded"), (None, "hit")])
    users.add(user)
    run.expect("until somebody comes", told(users.look_up(key)), [(user, "loaded")])
    for what, nowhere in (("no account yet", by_cognito_id("MOCK")), ("no text", by_handle("a\0b"))):
        run.expect(f"{what} leads to nobody", users.look_up(nowhere).user, None)


def tells_no_change_too_late(run: Run, lab: Lab) -> None:
    """A new name is told at once, under the new handle and under no other."""
    user, users = lab.somebody(), lab.users()
    account, old, new = by_cognito_id(user.cognito_user_id), by_handle(user.handle), by_handle(f"{user.handle}-2")
    for key in (account, old, new):
        users.look_up(key)
    with run.recording() as calls:
        changed = users.change(user.uuid, display_name="Changed")
    run.price("a change of a user", calls)
    run.expect("a changed name is told at once", users.look_up(old).user, replace(user, display_name="Changed"))
    renamed = users.change(user.uuid, handle=new.value)
    run.expect(
        "after renaming, the old handle leads to nobody, and the new one and the account to the user",
        [users.look_up(key).user for key in (old, new, account)],
        [None, renamed, renamed],
    )
    run.expect("nothing else changed", replace(renamed, handle=changed.handle), changed)
    users.remove(user.uuid)
    run.expect("who is removed is gone", [users.look_up(key).user for key in (old, new, account)], [None, None, None])


def ignores_what_a_slow_loader_read(run: Run, lab: Lab) -> None:
    """A loader reads the old row, then a change is acknowledged, then the loader goes on."""
    user, users = lab.somebody(), lab.users()
    key = by_handle(user.handle)
    lab.meanwhile = lambda: users.change(user.uuid, display_name="Newer")
    with run.recording():
        slow = users.look_up(key)
    run.expect("who asked before the change may be told the old name", slow.user, user)
    run.expect(
        "what the slow loader read is in nobody's way", users.look_up(key).user, replace(user, display_name="Newer")
    )


def loads_once_for_many(run: Run, lab: Lab) -> None:
    """Many ask for the same user at once: one asks the database, when all others wait already."""
    user, asked = lab.somebody(), lab.asked
    all_wait, loaded = threading.Barrier(AT_ONCE), threading.Event()
    here = threading.local()

    def wait(_: float) -> None:
        if not getattr(here, "waited", False):
            here.waited = True
            all_wait.wait(timeout=60)
        loaded.wait(timeout=60)

    lab.meanwhile = lambda: all_wait.wait(timeout=60)

    def look_up(_: int) -> Found:
        found = lab.users(wait=wait).look_up(by_handle(user.handle))
        loaded.set()
        return found

    with ThreadPoolExecutor(AT_ONCE) as many, run.recording():
        found = list(many.map(look_up, range(AT_ONCE)))
    run.expect(f"{AT_ONCE} at once are told the same", {each.user for each in found}, {user})
    expected = {"loaded": 1, "waited": AT_ONCE - 1}
    run.expect("one loads, the others wait for it", dict(Counter(each.how for each in found)), expected)
    run.expect("the database was asked once", lab.asked - asked, 1)


def outlives_its_loader(run: Run, lab: Lab) -> None:
    """A loader dies with the lease in its hands: the others wait a while, ask themselves, and then one takes over."""
    user, users = lab.somebody(), lab.users()
    key = by_handle(user.handle)
    lab.cache.lease(key, "of a dead one", now=lab.clock(), until=lab.clock() + TERMS.lease)
    began = lab.clock()
    with run.recording():
        found = users.look_up(key)
    run.expect("while a dead loader's lease runs, patience ends", told(found), [(user, "around")])
    run.expect("patience is bounded", lab.clock() - began <= TERMS.patience + TERMS.pause, expected=True)
    lab.later(TERMS.lease)
    again = [users.look_up(key) for _ in range(2)]
    run.expect("when it has run out, another one loads", told(*again), [(user, "loaded"), (user, "hit")])


def tells_what_was_known_while_the_database_is_down(run: Run, lab: Lab) -> None:
    """What was known last is told, for a while; who never was looked up is unknown, and not nobody."""
    user, users = lab.somebody(), lab.users()
    key = by_handle(user.handle)
    users.look_up(key)
    lab.database_down = True
    try:
        run.expect("while it is fresh, nobody asks the database", told(users.look_up(key)), [(user, "hit")])
        lab.later(TERMS.fresh)
        with run.recording():
            found = users.look_up(key)
        run.expect("then what was known last is told, and said to be old", told(found), [(user, "stale")])
        lab.later(TERMS.stale)
        unknown = by_cognito_id(user.cognito_user_id)
        run.expect(f"for {TERMS.stale:g} seconds, no longer", refusal(users, key), "DatabaseDown")
        run.expect("who was never looked up is not taken for nobody", refusal(users, unknown), "DatabaseDown")
    finally:
        lab.database_down = False
    run.expect("when it is back, it is asked again", told(users.look_up(key)), [(user, "loaded")])


def refusal(users: UserCache, key: Key) -> str:
    """Return what a look-up raised, or that it told somebody."""
    try:
        return repr(users.look_up(key))
    except DatabaseDown:
        return "DatabaseDown"


def is_right_while_the_cache_is_down(run: Run, lab: Lab) -> None:
    """Without a cache the database is asked, and a change takes as long as it takes to be right everywhere."""
    user, users = lab.somebody(), lab.users()
    key = by_handle(user.handle)
    users.look_up(key)
    nobody_there = boto3.client("dynamodb", endpoint_url="http://127.0.0.1:1", config=QUICK)
    for what, cache in (
        ("unreachable", replace(lab.cache, client=nobody_there)),
        ("without its table", replace(lab.cache, name="cache-that-is-not-there")),
    ):
        without, began = lab.users(cache, wait=lambda _: lab.later(TERMS.fresh / 2)), lab.clock()
        run.expect(f"{what}: the database tells", told(without.look_up(key)), [(user, "around")])
        user = without.change(user.uuid, display_name=f"Changed while the cache was {what}")
        run.expect(
            f"{what}: a change is acknowledged when what others have cached has expired",
            lab.clock() - began >= TERMS.fresh,
            expected=True,
        )
        run.expect(f"{what}: then those who reach the cache tell it", users.look_up(key).user, user)


def measures(run: Run, lab: Lab) -> None:
    """Take both latencies and the hit rate, one look-up in ten for somebody new."""
    users, database = lab.users(), UsersInPostgres(lend=lab.lend)
    people = [lab.somebody() for _ in range(LOOK_UPS // 10)]
    hows, seconds, bare = [], {"hit": [0.0], "loaded": [0.0]}, []
    for number in range(LOOK_UPS):
        key = by_handle(people[number // 10].handle)
        began = time.perf_counter()
        how = users.look_up(key).how
        seconds[how].append(time.perf_counter() - began)
        hows.append(how)
        began = time.perf_counter()
        database.find(key)
        bare.append(time.perf_counter() - began)
    hits, misses = (1000 * statistics.median(seconds[how][1:] or [0.0]) for how in ("hit", "loaded"))
    run.expect(
        "one look-up in ten is a miss", dict(Counter(hows)), {"loaded": LOOK_UPS // 10, "hit": LOOK_UPS * 9 // 10}
    )
    run.note(
        f"{LOOK_UPS} look-ups, hit rate {100 * hows.count('hit') / LOOK_UPS:.0f} %; medians: a hit {hits:.2f} ms, "
        f"a miss {misses:.2f} ms, Postgres alone {1000 * statistics.median(bare):.2f} ms"
    )
