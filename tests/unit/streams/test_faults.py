from __future__ import annotations

from typing import Any

import pytest

from harness.streams.faults import Circumstances, FaultyFunction, under
from harness.streams.inline import InlineFunction
from harness.streams.not_delivered import NotDelivered
from tests.unit.streams.cases.stage import Stage, change

EVENT: dict[str, Any] = {"Records": [{"eventID": "1"}]}


def function(seen: list[dict[str, Any]], **faults: Any) -> FaultyFunction:
    return FaultyFunction(function=InlineFunction(handler=lambda event, _: seen.append(event), name="f"), **faults)


def test_without_faults_it_is_the_function() -> None:
    seen: list[dict[str, Any]] = []
    faulty = function(seen)
    assert faulty.invoke(EVENT).ok
    assert (faulty.name, faulty.version) == ("f", "$LATEST")
    assert faulty.arn.endswith(":function:f")
    assert seen == [EVENT]


def test_failing_before_the_handler_never_sees_the_event() -> None:
    seen: list[dict[str, Any]] = []
    result = function(seen, fails_before=lambda event: event == EVENT).invoke(EVENT)
    assert (result.outcome, seen) == ("function_error", [])
    assert result.error is not None
    assert result.error["errorType"] == "Runtime.ExitError"


def test_failing_after_the_handler_has_done_its_work() -> None:
    seen: list[dict[str, Any]] = []
    result = function(seen, fails_after=lambda _: True).invoke(EVENT)
    assert (result.outcome, seen) == ("function_error", [EVENT])


def test_throttled_calls_never_reach_the_function() -> None:
    seen: list[dict[str, Any]] = []
    result = function(seen, throttled=lambda _: True).invoke(EVENT)
    assert (result.outcome, result.reason, seen) == ("not_invoked", "Rate Exceeded.", [])


def test_what_is_given_up_half_way_comes_again_when_the_circumstances_are_over() -> None:
    stage = Stage(lambda _event, _context: None)
    for item in ("a", "b", "c"):
        stage.stream.put(change(item))
    poisoned = Circumstances(
        parameters={"BatchSize": 1},
        fails_before=lambda event: event["Records"][0]["dynamodb"]["Keys"]["pk"] == {"S": "b"},
    )
    with under(stage.poller, poisoned), pytest.raises(NotDelivered):
        stage.poller.drain()
    before = stage.poller.take()
    after = stage.poller.drain()
    assert (before.records, after.records) == (1, 2)


def test_circumstances_last_as_long_as_their_block() -> None:
    stage = Stage(lambda _event, _context: None)
    mapping, function = stage.poller.mapping, stage.poller.function
    with under(stage.poller, Circumstances(parameters={"BatchSize": 1}, emulation={"duplicate_rate": 1000})):
        assert (stage.poller.mapping.batch_size, stage.poller.emulation.duplicate_rate) == (1, 1000)
        stage.stream.put(change("a"))
        assert stage.poller.drain().invokes == 2
    assert (stage.poller.mapping, stage.poller.function) == (mapping, function)
