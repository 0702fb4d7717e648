from __future__ import annotations

import pytest

from harness.namespaces.sizing import Sizing, Stock, has_surplus, is_wanting


def stock(*, ready: int = 0, returned: int = 0, waiting: int = 0, failed: bool = False) -> Stock:
    return Stock(ready=ready, returned=returned, waiting=waiting, failed=failed)


FOUR = Sizing(maximum=8, target=4)


@pytest.mark.parametrize(
    ("held", "wanting", "surplus"),
    [
        (stock(), True, False),
        (stock(ready=3), True, False),
        (stock(ready=4), False, False),
        (stock(ready=5), False, True),
        (stock(ready=5, waiting=1), False, False),
        (stock(ready=4, waiting=5), True, False),
        (stock(ready=3, returned=15), True, False),
        (stock(ready=0, returned=16, waiting=2), False, False),
        (stock(failed=True), False, False),
        (stock(failed=True, waiting=1), False, False),
        (stock(failed=True, ready=5), False, True),
    ],
)
def test_what_to_do(held: Stock, *, wanting: bool, surplus: bool) -> None:
    assert is_wanting(held, FOUR) is wanting
    assert has_surplus(held, FOUR) is surplus


def test_grows_by_doubling_and_shrinks_one_by_one() -> None:
    sizing = Sizing(maximum=6)
    targets = []
    for _ in range(4):
        sizing = sizing.after_waiting()
        targets.append(sizing.target)
    for _ in range(6):
        sizing = sizing.after_idling()
        targets.append(sizing.target)
    assert targets == [2, 4, 6, 6, 5, 4, 3, 2, 1, 1]


def test_the_number_of_databases_is_bounded_whatever_is_taken() -> None:
    """Somebody takes and gives back as fast as can be, and nothing is dropped: making stops."""
    sizing, returned = Sizing(maximum=4, target=4), 0
    while is_wanting(stock(returned=returned, waiting=1), sizing):
        returned += 1
    assert returned == 8
