from __future__ import annotations

import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.seeding.draw import Draw, make_uuid

KEYS = st.tuples(st.integers(0), st.text(), st.integers(0))


@settings(deadline=None)
@given(KEYS, st.lists(st.integers(1, 10**9), max_size=12))
def test_same_key_draws_the_same_within_bounds(key: tuple[int, str, int], bounds: list[int]) -> None:
    one, two = Draw(*key), Draw(*key)
    drawn = [one.below(bound) for bound in bounds]
    assert drawn == [two.below(bound) for bound in bounds]
    assert all(0 <= number < bound for number, bound in zip(drawn, bounds, strict=True))


def test_draws_are_what_they_were() -> None:
    draw = Draw(1, "user", 0)
    assert [draw.below(1000) for _ in range(4)] == [501, 129, 221, 623]
    assert make_uuid(1, "user", 0) == "dd769c82-1894-5b51-8d8e-504728a5a47a"


def test_every_number_is_drawn_about_equally_often() -> None:
    drawn = [Draw(1, "throw", index).below(6) for index in range(6000)]
    assert all(800 < drawn.count(face) < 1200 for face in range(6))


@settings(deadline=None)
@given(KEYS)
def test_uuid_is_valid_and_lower_case(key: tuple[int, str, int]) -> None:
    made = make_uuid(*key)
    read = uuid.UUID(made)
    assert str(read) == made
    assert (read.version, read.variant) == (5, uuid.RFC_4122)
