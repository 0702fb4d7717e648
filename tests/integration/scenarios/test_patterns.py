"""The five scenarios against the reference implementation, on every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from harness.collect import collect_scenarios
from harness.scenario import ScenarioResult, run_scenario
from harness.target import Target
from tests.integration.scenarios.conftest import config
from tests.unit.scenarios.small import dataset, user

if TYPE_CHECKING:
    from harness.scenario import Setting
    from tests.integration.scenarios.conftest import Ground

ORDERS = ("ABCDE", "EDCBA", "DE", "CBEDA", "CCBA", "EAEB")


def play(setting: Setting, order: str) -> list[ScenarioResult]:
    return [run_scenario(each, setting) for each in collect_scenarios(config(), tuple(order))]


def failures(results: list[ScenarioResult]) -> list[object]:
    return [(result.pattern, step) for result in results for step in result.steps if not step.passed] + [
        (result.pattern, result.error) for result in results if result.error
    ]


@pytest.mark.parametrize("order", ORDERS)
def test_scenarios_pass_in_any_order(ground: Ground, order: str) -> None:
    with ground() as setting:
        results = play(setting, order)
    assert failures(results) == []
    assert "".join(result.pattern for result in results) == order
    assert all(result.passed and result.capacity > 0 for result in results)


def test_scenarios_pass_with_few_people_and_one_message(ground: Ground) -> None:
    with ground(dataset(users=3, pairs=((0, 1),), messages=1)) as setting:
        assert failures(play(setting, "ABCDE")) == []


def test_scenario_says_what_the_seed_lacks(ground: Ground) -> None:
    with ground(dataset(users=2, pairs=((0, 1),), messages=1)) as setting:
        (result,) = play(setting, "D")
    assert not result.passed
    assert result.error is None
    assert result.steps[-1].expected == "two pairs of people without a message group"
    assert "--users" in str(result.steps[-1].actual)


def test_long_conversation_is_read_to_its_end(ground: Ground) -> None:
    with ground(dataset(messages=700, apart=timedelta(hours=9))) as setting:
        assert failures(play(setting, "A")) == []


class FirstCallers:
    """A target that remembers who called first in each scenario."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.callers: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if not hasattr(Target, name):
            raise AttributeError(name)

        def call(*, user_uuid: str, **more: Any) -> Any:
            self.callers.append(user_uuid)
            return getattr(self.target, name)(user_uuid=user_uuid, **more)

        return call


@pytest.mark.parametrize("number", [0, 2])
def test_whoever_is_named_acts_where_there_is_a_choice(ground: Ground, number: int) -> None:
    me = user(number)
    with ground(dataset(users=6)) as setting:
        for pattern in "ABCDE":
            target = FirstCallers(setting.target)
            (result,) = play(replace(setting, target=target, me=me), pattern)
            assert failures([result]) == []
            assert target.callers[0] == me.uuid, pattern


def test_whoever_has_no_conversation_is_told_so(ground: Ground) -> None:
    with ground() as setting:
        results = play(replace(setting, me=user(3)), "ABCDE")
    assert [result.pattern for result in results if result.passed] == ["D"]
    for result in results:
        if not result.passed:
            assert "--as dov leaves out what is of others" in str(result.steps[-1].actual)
