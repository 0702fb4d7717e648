from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.seeding.draw import Draw
from harness.seeding.timeline import DAY, Timeline, lay_out
from tests.unit.seeding.plans import make_plan


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 16), st.integers(20, 10 * DAY))
def test_ages_fall_over_all_exchanges_to_the_end(exchanges: int, lines: int, stretch: int) -> None:
    timeline = Timeline(end=17, exchanges=exchanges, stretch=stretch)
    ages = [age for exchange in range(exchanges) for age in timeline.ages(exchange, lines, Draw(1, exchange))]
    assert all(older > newer for older, newer in pairwise(ages))
    assert ages[-1] == 17


def test_groups_end_at_instants_of_their_own() -> None:
    plan = make_plan(recent_days=1)
    assert len({lay_out(plan, group, 3).end for group in range(20_000)}) == 20_000


def test_first_group_fills_the_history() -> None:
    timeline = lay_out(make_plan(history_days=400), 0, 41)
    assert timeline.stretch * 40 == 400 * DAY
