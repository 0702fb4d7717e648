from __future__ import annotations

from typing import Any

from harness.streams.faults import FaultyFunction
from harness.streams.inline import InlineFunction

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
