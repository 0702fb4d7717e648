"""How long a follower rests between two looks."""

from __future__ import annotations

from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.streams.emulation import Emulation
from harness.streams.follow import LONGEST_PAUSE, follow

if TYPE_CHECKING:
    from harness.streams.poller import Poller


class _Poller:
    """Finds records where `busy` says so, and remembers its rests."""

    def __init__(self, busy: list[bool], interval: float, stop: Event) -> None:
        self.emulation = Emulation(poll_interval=interval)
        self.reader: Any = SimpleNamespace(status="ENABLED")
        self.rests: list[float] = []
        self._busy, self._stop = busy, stop

    def step(self) -> bool:
        return self._busy.pop(0)

    def take(self) -> None:
        if not self._busy:
            self._stop.set()

    def rest(self, seconds: float) -> None:
        self.rests.append(seconds)


def rests(busy: list[bool], interval: float = 0.02) -> list[float]:
    stop = Event()
    poller = _Poller(busy, interval, stop)
    follow(cast("Poller", poller), stop)
    return poller.rests


def test_rests_grow_from_an_eighth_of_the_interval_to_a_tenth_of_a_second() -> None:
    found = rests([False] * 30)
    assert found[0] == pytest.approx(0.0025)
    assert found == sorted(found)
    assert found[-1] == LONGEST_PAUSE


def test_there_is_no_rest_while_records_come_and_a_short_one_behind_them() -> None:
    assert rests([True] * 5) == []
    assert rests([False] * 20 + [True, False])[-1] == pytest.approx(0.0025)


def test_an_interval_as_long_as_awss_is_kept() -> None:
    assert set(rests([False] * 10, interval=0.25)) == {0.25}
