from __future__ import annotations

from concurrent.futures import Future

from harness.streams.clock import HurriedClock, SimulatedClock, SystemClock


def done() -> Future[int]:
    future: Future[int] = Future()
    future.set_result(1)
    return future


def test_hurried_clock_skips_what_it_is_to_wait_for() -> None:
    clock = HurriedClock()
    before = clock.now()
    clock.wait(3600.0)
    assert clock.now() >= before + 3600.0


def test_hurried_clock_waits_for_answers_in_real_time() -> None:
    clock = HurriedClock()
    clock.wait(3600.0, [done()])
    assert clock.now() <= SystemClock().now()


def test_simulated_clock_moves_only_when_somebody_waits() -> None:
    clock = SimulatedClock(100.0)
    assert clock.now() == 100.0
    clock.wait(2.5)
    assert clock.now() == 102.5
    clock.wait(9.0, [done()])
    clock.wait(-1.0)
    assert clock.now() == 102.5
