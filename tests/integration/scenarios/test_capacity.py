"""What requests cost by AWS's rules, beside what each engine reports: the same, but for what is known of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.collect import collect_scenarios
from harness.scenario import run_scenario
from tests.integration.scenarios.conftest import config
from tests.unit.scenarios.small import dataset

if TYPE_CHECKING:
    from tests.integration.scenarios.conftest import Ground

EVERYTHING = ("scenarios/pattern_*.py", "scenarios/read_aside_cache.py")


def test_every_request_is_counted_and_every_difference_known(ground: Ground) -> None:
    names = ("A", "B", "C", "D", "E", "cache")
    with ground(dataset(messages=120)) as setting:
        results = [run_scenario(each, setting) for each in collect_scenarios(config(scenarios=EVERYTHING), names)]
    for result in results:
        assert result.units is not None, result.pattern
        assert result.units.unexplained == (), result.pattern
        assert result.units.unknown == (), result.pattern
        assert result.units.read + result.units.write > 0, result.pattern
    priced = {each.what: (each.read, each.write) for result in results if result.units for each in result.units.priced}
    # By hand: the index is asked who is a member, then one write; two small actions in the table at twice the price and
    # two in the index; two consistent reads of less than 4 KB and eight writes of which four are the index's.
    assert priced["a message of 22 characters"] == (0.5, 1.0)
    assert priced["a message that opens a group"] == (1.0, 10.0)
    assert priced["a message that moves its group"] == (1.5, 12.0)
    assert priced["a look-up that hits"] == (1.0, 0.0)
    assert priced["a look-up that misses"] == (1.0, 2.0)
