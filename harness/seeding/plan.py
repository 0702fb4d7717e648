"""The seed plan: what to generate. Read from TOML, changed by flags, checked before anything is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isqrt
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.instant import to_text
from harness.seeding.plan_file import Section, read_section, show, whole_number

if TYPE_CHECKING:
    from pathlib import Path

#: What one plan may ask for of anything.
MOST = 100_000_000
_DEFAULTS = {"seed": 1, "users": 14, "groups": 40, "messages": 1000}
_LONGEST_NAME = 60
_HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,29}")
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_FORMAT = "Write an instant with its offset, such as 2026-03-02T12:00:00Z, or now."


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody the plan names, so that a person can type the handle."""

    handle: str
    display_name: str
    email: str
    #: The `sub` of a real user pool, where the application has one; else made from the handle.
    cognito_user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedPlan:
    """Everything that a dataset depends on."""

    seed: int
    #: No generated instant is after it.
    as_of: datetime
    table: str
    #: The first of the users; more users than people are made up.
    people: tuple[Person, ...]
    users: int
    groups: int
    messages: int
    activities: int
    #: How many groups hold one message only.
    single_message_groups: int
    #: 0: all other groups are of one length; 1: the second is half as long as the first; 2: a quarter.
    skew: int
    #: From the first to the last message of the longest group.
    history_days: int
    #: The last messages of all groups lie in so many days before as_of.
    recent_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOverrides:
    """What flags change; None leaves what the plan says."""

    users: int | None = None
    groups: int | None = None
    messages: int | None = None
    seed: int | None = None
    #: `now`, or an instant in ISO 8601 with its offset.
    as_of: str | None = None


def read_plan(path: Path, overrides: PlanOverrides, now: datetime, *, table: str) -> SeedPlan:
    """Read the plan, with the flags laid over it. Raises UsageError for whatever can't be meant."""
    section = read_section(path)
    plan = SeedPlan(
        seed=_number(section, overrides.seed, "seed", high=2**63 - 1),
        as_of=_read_as_of(section, overrides.as_of, now),
        table=table,
        people=_read_people(section),
        users=_number(section, overrides.users, "users", low=1),
        groups=_number(section, overrides.groups, "groups"),
        messages=_number(section, overrides.messages, "messages"),
        activities=section.integer("activities", 0, low=0, high=MOST),
        single_message_groups=section.integer("single_message_groups", 0, low=0, high=MOST),
        skew=section.integer("skew", 1, low=0, high=3),
        # More than a year: then the longest group spans a new year wherever as_of is moved to.
        history_days=section.integer("history_days", 400, low=370, high=3650),
        recent_days=section.integer("recent_days", 21, low=1, high=365),
    )
    section.finish()
    _check_counts(plan, str(path))
    return plan


def _number(section: Section, flag: int | None, key: str, *, low: int = 0, high: int = MOST) -> int:
    planned = section.integer(key, _DEFAULTS[key], low=low, high=high)
    return planned if flag is None else whole_number(flag, f"--{key}", low=low, high=high)


def _read_as_of(section: Section, flag: str | None, now: datetime) -> datetime:
    planned = section.any("as_of")
    if flag is not None:
        return now.astimezone(UTC) if flag == "now" else parse_as_of(flag, "--as-of", now)
    if planned is None:
        raise UsageError(f"{section.path}:1: as_of is missing", hint="Add as_of = 2026-03-02T12:00:00Z.")
    return parse_as_of(planned, f"{section.place('as_of')}: as_of", now)


def parse_as_of(value: object, what: str, now: datetime) -> datetime:
    """Return the instant, in UTC; `what` heads the complaint about one that is naive, unreadable or in the future."""
    instant = _to_instant(value)
    if instant is None:
        raise UsageError(f"{what} = {show(value)} is not an instant", hint=_FORMAT)
    if instant.tzinfo is None:
        raise UsageError(
            f"{what} = {show(value)} has no offset, so it is another instant on each machine", hint=_FORMAT
        )
    if instant > now:
        hint = "Seed data is never in the future: give an earlier instant, or --as-of now."
        raise UsageError(f"{what} = {show(value)} is in the future, as it is {to_text(now)} now", hint=hint)
    if instant < _EARLIEST:
        raise UsageError(f"{what} = {show(value)} is before 1980", hint=_FORMAT)
    return instant.astimezone(UTC)


def _to_instant(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else None  # noqa: DTZ001


def _read_people(section: Section) -> tuple[Person, ...]:
    people: list[Person] = []
    owners: dict[tuple[str, str], str] = {}
    for part in section.tables("people"):
        person = _read_person(part)
        for key in ("handle", "email", "cognito_user_id"):
            value: str | None = getattr(person, key)
            if value is None:
                continue
            if owner := owners.get((key, value.casefold())):
                message = f"{part.place(key)}: {key} {show(value)} is already that of {owner}"
                raise UsageError(message, hint=f"Give each of the people another {key}.")
            owners[key, value.casefold()] = person.handle
        people.append(person)
    return tuple(people)


def _read_person(part: Section) -> Person:
    handle = part.string("handle")
    if not _HANDLE.fullmatch(handle):
        hint = "A handle is 1 to 30 of letters, digits, _ . and -, and starts with a letter or digit."
        raise UsageError(f"{part.place('handle')}: handle {show(handle)} can't be typed in an address", hint=hint)
    person = Person(
        handle=handle,
        display_name=part.string("display_name", handle),
        email=part.string("email", f"{handle}@example.com"),
        cognito_user_id=part.string("cognito_user_id") if part.any("cognito_user_id") is not None else None,
    )
    part.finish()
    if len(person.display_name) > _LONGEST_NAME or "@" not in person.email:
        hint = f"A display_name has up to {_LONGEST_NAME} characters, an email has an @."
        raise UsageError(f"{part.place('handle')}: {show(person.display_name)}, {show(person.email)}", hint=hint)
    return person


def _check_counts(plan: SeedPlan, where: str) -> None:
    pairs = plan.users * (plan.users - 1) // 2
    if plan.groups > pairs:
        enough = (1 + isqrt(8 * plan.groups - 7)) // 2 + 1
        message = f"{where}: {plan.users} users make {pairs} pairs, too few for {plan.groups} groups"
        raise UsageError(message, hint=f"--users {enough}, or --groups {pairs}.")
    if plan.messages < plan.groups:
        message = f"{where}: {plan.messages} messages are too few for {plan.groups} groups, of one at least"
        raise UsageError(message, hint=f"--messages {plan.groups}, or --groups {plan.messages}.")
    if plan.messages and not plan.groups:
        raise UsageError(f"{where}: {plan.messages} messages, but no group to hold them", hint="--groups 1")
