from __future__ import annotations

import pytest

from harness.namespaces.sizing import Sizing, Step, Stock, next_step


def stock(*, ready: int = 0, returned: int = 0, waiting: int = 0, failed: bool = False) -> Stock:
    return Stock(ready=ready, returned=returned, waiting=waiting, failed=failed)


FOUR = Sizing(maximum=8, target=4)


@pytest.mark.parametrize(
    ("held", "step"),
    [
        (stock(), Step.MAKE),
        (stock(ready=3), Step.MAKE),
        (stock(ready=4), Step.REST),
        (stock(ready=5), Step.DROP_READY),
        (stock(ready=5, waiting=1), Step.REST),
        (stock(ready=4, waiting=5), Step.MAKE),
        (stock(ready=3, returned=3), Step.MAKE),
        (stock(ready=4, returned=3), Step.DROP_RETURNED),
        (stock(ready=0, returned=16, waiting=2), Step.DROP_RETURNED),
        (stock(failed=True), Step.REST),
        (stock(failed=True, returned=1), Step.DROP_RETURNED),
        (stock(failed=True, waiting=1), Step.REST),
    ],
)
def test_next_step(held: Stock, step: Step) -> None:
    assert next_step(held, FOUR) is step


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
    """Somebody takes and gives back as fast as can be: what exists stays within four times the maximum."""
    sizing, ready, returned = Sizing(maximum=4, target=4), 0, 0
    for _ in range(1000):
        step = next_step(stock(ready=ready, returned=returned, waiting=1), sizing)
        if step is Step.MAKE:
            returned += 1  # taken and given back at once
        elif step is Step.DROP_RETURNED:
            returned -= 1
        assert ready + returned <= 16
