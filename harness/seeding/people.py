"""The users: first the people that the plan names, then as many made-up ones as it takes."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from harness.dataset import User
from harness.seeding.draw import Draw, make_uuid
from harness.seeding.plan import Person

if TYPE_CHECKING:
    from faker import Faker

    from harness.seeding.plan import SeedPlan

#: Between the day somebody signed up and the first thing they can have written.
_SETTLING_DAYS = 30
_LOCALES = ("en_US", "es_MX", "fr_FR", "pl_PL", "de_DE", "pt_BR")


def make_users(plan: SeedPlan) -> tuple[User, ...]:
    """Return the plan's users; each depends on nothing but the seed number and its own place or handle."""
    named = plan.people[: plan.users]
    taken = frozenset(value for person in plan.people for value in (person.handle.casefold(), person.email.casefold()))
    made_up = (_make_up(plan.seed, index, taken) for index in range(plan.users - len(named)))
    return tuple(_sign_up(plan, person) for person in (*named, *made_up))


def _sign_up(plan: SeedPlan, person: Person) -> User:
    draw = Draw(plan.seed, "user", person.handle)
    days = plan.history_days + plan.recent_days + _SETTLING_DAYS + draw.below(700)
    return User(
        uuid=make_uuid(plan.seed, "user", person.handle),
        display_name=person.display_name,
        handle=person.handle,
        email=person.email,
        cognito_user_id=person.cognito_user_id or make_uuid(plan.seed, "cognito", person.handle),
        created_at=plan.as_of - timedelta(days=days, milliseconds=draw.below(86_400_000)),
    )


def _make_up(seed: int, index: int, taken: frozenset[str]) -> Person:
    draw = Draw(seed, "made-up user", index)
    faker = _faker(draw.choice(_LOCALES))
    faker.seed_instance(draw.below(1 << 64))
    first, last = faker.first_name(), faker.last_name()
    # Letters, then the index: two made-up people can't share a handle.
    handle = f"{_ascii(first)[:1]}{_ascii(last)[:20]}{index + 1}"
    while handle in taken or f"{handle}@example.com" in taken:
        handle += "x"
    return Person(handle=handle, display_name=f"{first} {last}", email=f"{handle}@example.com")


@cache
def _faker(locale: str) -> Faker:
    # A third of a second to import: paid only for a plan that names fewer people than it wants.
    from faker import Faker  # noqa: PLC0415

    return Faker(locale)


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l").replace("ß", "ss"))
    return re.sub(r"[^a-z]", "", plain) or "someone"
