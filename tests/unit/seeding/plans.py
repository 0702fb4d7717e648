"""Plans to test with."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from harness.seeding.plan import Person, PlanOverrides, SeedPlan, read_plan

BASELINE = Path(__file__).parents[3] / "seeds" / "baseline.toml"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AS_OF = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)

PEOPLE = tuple(
    Person(handle=name.lower(), display_name=f"{name} Test", email=f"{name.lower()}@example.com")
    for name in ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gro", "Hal", "Ivy", "Jon", "Kim", "Lea", "Max", "Nia")
)


def baseline(**overrides: Any) -> SeedPlan:
    """Return the shipped plan."""
    return read_plan(BASELINE, PlanOverrides(**overrides), NOW, table="cruddur-messages")


def make_plan(**values: Any) -> SeedPlan:
    """Return a small plan of named people."""
    plan: dict[str, Any] = {
        "seed": 1,
        "as_of": AS_OF,
        "table": "cruddur-messages",
        "people": PEOPLE,
        "users": 5,
        "groups": 6,
        "messages": 60,
        "activities": 9,
        "single_message_groups": 1,
        "skew": 1,
        "history_days": 400,
        "recent_days": 21,
    }
    return SeedPlan(**(plan | values))


@st.composite
def plans(draw: st.DrawFn) -> SeedPlan:
    """Draw plans that fit: groups within pairs, messages at least one per group."""
    users = draw(st.integers(1, len(PEOPLE)))
    groups = draw(st.integers(0, min(users * (users - 1) // 2, 12)))
    instants = st.datetimes(datetime(1980, 1, 1), datetime(2026, 11, 20), timezones=st.just(UTC))  # noqa: DTZ001
    return make_plan(
        seed=draw(st.integers(0, 2**63 - 1)),
        as_of=draw(instants),
        users=users,
        groups=groups,
        messages=groups + (draw(st.integers(0, 150)) if groups else 0),
        activities=draw(st.integers(0, 12)),
        single_message_groups=draw(st.integers(0, 14)),
        skew=draw(st.integers(0, 3)),
        history_days=draw(st.integers(370, 800)),
        recent_days=draw(st.integers(1, 60)),
    )
