from __future__ import annotations

import pytest

from harness.engines.readiness import wait_until
from harness.errors import EnvironmentFailure


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Service:
    """Answers after so many probes; dies after so many."""

    def __init__(self, *, answers_at: int = 10**9, dies_at: int = 10**9) -> None:
        self.probes = 0
        self.answers_at = answers_at
        self.dies_at = dies_at

    def probe(self) -> None:
        self.probes += 1
        if self.probes < self.answers_at:
            raise ConnectionError(f"refused {self.probes}")

    def alive(self) -> str | None:
        return "exited with code 1" if self.probes >= self.dies_at else None


def wait_for(service: Service, time: Time, log: str = "") -> None:
    wait_until(
        "dynamodb",
        service.probe,
        timeout=5,
        alive=service.alive,
        logs=lambda: log,
        clock=time.clock,
        sleep=time.sleep,
    )


def test_wait_ends_with_the_first_answer() -> None:
    service = Service(answers_at=3)
    wait_for(service, Time())
    assert service.probes == 3


def test_wait_for_a_ready_service_does_not_sleep() -> None:
    time = Time()
    wait_for(Service(answers_at=1), time)
    assert time.now == 100.0


def test_wait_gives_up_when_the_time_is_up_and_tells_the_last_answer_and_log() -> None:
    time, service = Time(), Service()
    with pytest.raises(EnvironmentFailure) as failure:
        wait_for(service, time, "one\ntwo\n")
    assert "dynamodb did not answer within 5 s" in failure.value.message
    assert f"refused {service.probes}" in failure.value.message
    assert failure.value.message.endswith("  one\n  two")
    assert 105.0 <= time.now < 106.0


def test_wait_ends_at_once_when_the_service_dies() -> None:
    time = Time()
    with pytest.raises(EnvironmentFailure, match="dynamodb exited with code 1 before it answered"):
        wait_for(Service(dies_at=1), time)
    assert time.now == 100.0


def test_wait_does_not_repeat_a_question_that_was_refused() -> None:
    def refused() -> None:
        raise EnvironmentFailure("password authentication failed", hint="another password")

    with pytest.raises(EnvironmentFailure, match="password authentication failed"):
        wait_until("postgres", refused, timeout=5, alive=lambda: None, logs=str, sleep=lambda _: pytest.fail("slept"))


def test_wait_with_no_time_left_still_asks_once() -> None:
    service = Service(answers_at=1)
    wait_until("dynamodb", service.probe, timeout=0, alive=service.alive, logs=str)
    assert service.probes == 1
