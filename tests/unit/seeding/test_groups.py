from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.seeding.groups import pair, share_out
from tests.unit.seeding.plans import make_plan


@settings(deadline=None)
@given(st.integers(0, 2**63), st.integers(2, 30))
def test_pairs_of_the_first_users_come_first_and_once(seed: int, users: int) -> None:
    pairs = [pair(seed, index) for index in range(users * (users - 1) // 2)]
    assert sorted(pairs) == sorted((low, high) for high in range(users) for low in range(high))


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 5000), st.integers(0, 50), st.integers(0, 3))
def test_shares_add_up_and_leave_none_empty(groups: int, rest: int, single: int, skew: int) -> None:
    messages = groups + rest if groups else 0
    shares = list(share_out(make_plan(groups=groups, messages=messages, single_message_groups=single, skew=skew)))
    assert len(shares) == groups
    assert sum(shares) == messages
    assert all(share >= 1 for share in shares)
    assert shares == sorted(shares, reverse=True)
    assert shares[groups - min(single, max(groups - 1, 0)) :] == [1] * min(single, max(groups - 1, 0))


@pytest.mark.parametrize(("skew", "second"), [(0, 1000), (1, 500), (2, 250), (3, 125)])
def test_skew_says_how_much_shorter_the_second_group_is(skew: int, second: int) -> None:
    shares = list(share_out(make_plan(groups=2, messages=1002 + second - 2, single_message_groups=0, skew=skew)))
    assert abs(shares[0] - 1000) <= 1
    assert abs(shares[1] - second) <= 1
