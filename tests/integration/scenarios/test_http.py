"""A to E, and HTTP's own promises, against the reference application, on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.collect import collect_scenarios
from harness.scenario import ScenarioResult, run_scenario
from tests.integration.scenarios.conftest import config
from tests.integration.scenarios.over_http import application, setting_over_http
from tests.integration.scenarios.test_patterns import failures
from tests.unit.scenarios.small import dataset

if TYPE_CHECKING:
    from harness.endpoint import Endpoints
    from harness.scenario import Setting

EVERYTHING = ("A", "B", "C", "D", "E", "HTTP")


def play(setting: Setting, patterns: tuple[str, ...] = EVERYTHING) -> list[ScenarioResult]:
    collected = collect_scenarios(config(target="http://127.0.0.1"), patterns)
    return [run_scenario(each, setting) for each in collected]


def test_everything_passes_over_http(namespace: Endpoints) -> None:
    with application(namespace) as url, setting_over_http(namespace, dataset(), url) as setting:
        results = play(setting)
    assert failures(results) == []
    assert all(result.passed for result in results)
    names = {step.name for step in results[0].steps}
    assert "full pages, and no cursor on the last one" in names
    assert "all answers: JSON is called JSON" in names
