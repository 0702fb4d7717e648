"""The activities: posts for everybody, and replies to them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count, islice
from typing import TYPE_CHECKING

from harness.dataset import Activity, User
from harness.seeding.conversation import read_corpus, say
from harness.seeding.draw import Draw, make_uuid
from harness.seeding.timeline import DAY, before

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.seeding.plan import SeedPlan

#: Only so many users post: beyond them, one more user changes no activity.
_AUTHORS = 12


def make_activities(plan: SeedPlan, users: tuple[User, ...]) -> tuple[Activity, ...]:
    """Return the plan's activities, thread by thread: a post, then its replies."""
    found: list[Activity] = []
    for thread in count():
        wanted = plan.activities - len(found)
        if wanted <= 0:
            break
        found.extend(islice(_thread(plan, users[:_AUTHORS], thread, wanted), wanted))
    return tuple(found)


def _thread(plan: SeedPlan, authors: tuple[User, ...], thread: int, room: int) -> Iterator[Activity]:
    draw = Draw(plan.seed, "thread", thread)
    script = draw.choice(read_corpus().posts)
    words = script.fill(draw)
    lines = script.lines[: min(room, 1 + draw.below(len(script.lines)))]
    author = draw.below(len(authors))
    first = make_uuid(plan.seed, "activity", thread, 0)
    # A post is two days old or older, a reply follows within hours: all lie before as_of.
    age = 2 * DAY + draw.below(plan.history_days - 2) * DAY + draw.below(DAY)
    for place, (_, text) in enumerate(lines):
        created_at = plan.as_of - before(age)
        yield Activity(
            uuid=make_uuid(plan.seed, "activity", thread, place),
            user_uuid=authors[(author + place) % len(authors)].uuid,
            message=say(text, words),
            replies_count=0 if place else len(lines) - 1,
            reposts_count=0 if place else draw.below(6),
            likes_count=draw.below(40 if place == 0 else 8),
            reply_to_activity_uuid=first if place else None,
            # Like every instant, not after as_of; what has expired by then is still a row to be read.
            expires_at=min(created_at + timedelta(days=7), plan.as_of),
            created_at=created_at,
        )
        age -= 60_000_000 + draw.below(4 * 3_600_000_000)
