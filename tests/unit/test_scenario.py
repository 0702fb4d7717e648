"""The frame: what a scenario leaves behind, whatever it does."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import EnvironmentFailure
from harness.scenario import Run, ScenarioResult, Setting, read_units, run_scenario, scenario, write_units
from harness.stage.expectation import Expectation
from harness.stores.recorder import Call, Recorder
from harness.streams.journal import Delivery
from harness.target import Refused
from tests.unit.scenarios.small import AS_OF, dataset

if TYPE_CHECKING:
    from collections.abc import Callable

PK = "MSG#g"


class Heard(Recorder):
    """A recorder that is told its calls."""

    def tell(self, operation: str, capacity: float | None = 1.0, **request: Any) -> None:
        self._calls.append(Call(operation=operation, request=request, capacity=capacity))


def play(body: Callable[[Run], None], *, heard: Heard | None = None, deliver: Any = None) -> ScenarioResult:
    data, ticks = dataset(), count()
    setting = Setting(
        dataset=data,
        target=object(),  # type: ignore[arg-type]
        expected=Expectation(dataset=data),
        recorder=heard,
        items=lambda pk: [{"pk": {"S": pk}, "sk": {"S": "1"}}],
        deliver=deliver,
        clock=lambda: AS_OF,
    )
    return run_scenario(scenario("X", "a title")(body), setting, clock=lambda: float(next(ticks)))


def test_result_tells_pattern_title_and_time() -> None:
    result = play(lambda run: run.expect("one", 1, 1))
    assert (result.pattern, result.title, result.seconds, result.passed) == ("X", "a title", 1.0, True)


def test_scenario_without_steps_fails() -> None:
    assert not play(lambda _run: None).passed


def test_failed_step_shows_expected_actual_request_and_collection() -> None:
    heard = Heard()

    def body(run: Run) -> None:
        with run.recording():
            heard.tell("Query", TableName="t")
        run.expect("lists", ("a", "b"), ("a", "c"), collection=PK)

    (step,) = play(body, heard=heard).steps
    assert not step.passed
    assert (step.expected, step.actual) == ("'a'\n'c'", "'a'\n'b'")
    assert [(call.operation, call.request) for call in step.calls] == [("Query", {"TableName": "t"})]
    assert step.collection == 'MSG#g\n{"pk": "MSG#g", "sk": "1"}'


def test_what_raises_is_told_from_the_scenarios_own_frame() -> None:
    def body(run: Run) -> None:
        run.expect("one", 1, 1)
        raise ZeroDivisionError("oh")

    result = play(body)
    assert not result.passed
    assert len(result.steps) == 1
    assert result.error is not None
    assert result.error.startswith("Traceback")
    assert result.error.endswith("ZeroDivisionError: oh")
    assert "guest.py" not in result.error
    assert "test_scenario.py" in result.error


def test_scenario_that_leaves_the_process_only_ends_itself() -> None:
    def body(_run: Run) -> None:
        raise SystemExit(0)

    assert "SystemExit" in str(play(body).error)


def test_failing_environment_ends_everything() -> None:
    def body(_run: Run) -> None:
        raise EnvironmentFailure("gone", hint="start it")

    with pytest.raises(EnvironmentFailure):
        play(body)


def test_need_that_is_not_met_is_a_step_and_no_error() -> None:
    def body(run: Run) -> None:
        run.need(None, "two people", otherwise="the seed has one")
        raise AssertionError("never reached")

    result = play(body)
    assert not result.passed
    assert result.error is None
    assert (result.steps[0].expected, result.steps[0].actual) == ("two people", "the seed has one")


def test_delivery_needs_a_handler() -> None:
    result = play(lambda run: [run.deliver()].clear())
    assert result.steps[0].actual == "no handler is configured"
    assert play(lambda run: run.expect("n", run.deliver().records, 2), deliver=lambda: Delivery(records=2)).passed


def test_capacity_is_summed_over_all_calls_also_the_unshown() -> None:
    heard = Heard()

    def body(run: Run) -> None:
        heard.tell("PutItem", 2.0)
        with run.recording() as calls:
            heard.tell("Query", 0.5)
        run.expect("calls", [call.operation for call in calls], ["Query"])
        heard.tell("GetItem", None)
        heard.tell("GetItem", 3.0)

    result = play(body, heard=heard)
    assert result.passed
    assert result.capacity == 5.5


@pytest.mark.parametrize(
    ("told", "passed"),
    [
        ([("Query", {"IndexName": "i", "v": PK})], True),
        ([("Query", {"IndexName": "i", "v": PK}), ("GetItem", {})], True),
        ([("Query", {"v": PK})], False),
        ([("Query", {"IndexName": "i", "v": "MSG#other"})], False),
        ([("Query", {"IndexName": "i", "v": PK}), ("Scan", {})], False),
        ([("Query", {"IndexName": "i", "v": PK}), ("ExecuteStatement", {})], False),
        ([], False),
    ],
)
def test_read_must_be_a_query_on_the_named_index(told: list[tuple[str, dict[str, Any]]], *, passed: bool) -> None:
    heard = Heard()

    def body(run: Run) -> None:
        with run.recording() as calls:
            for operation, request in told:
                heard.tell(operation, **request)
        run.expect_query("by query", calls, key=PK, index="i")

    assert play(body, heard=heard).passed is passed


@pytest.mark.parametrize(("capacity", "passed"), [(1.0, True), (1.5, False), (None, False)])
def test_budget(capacity: float | None, *, passed: bool) -> None:
    heard = Heard()

    def body(run: Run) -> None:
        with run.recording() as calls:
            heard.tell("Query", capacity)
        run.expect_capacity("cheap", calls, at_most=1.0)

    assert play(body, heard=heard).passed is passed


def test_what_can_not_be_heard_is_not_claimed() -> None:
    def body(run: Run) -> None:
        run.expect_query("q", [], key=PK)
        run.expect_capacity("c", [], at_most=0)
        run.expect_writes("w", [], {"PutItem": 1})

    assert play(body).steps == ()


@pytest.mark.parametrize(
    ("reason", "passed"), [("not_a_member", True), ("http_403", True), ("message_blank", False), ("http_500", False)]
)
def test_refusal_has_to_be_for_the_reason(reason: str, *, passed: bool) -> None:
    def refuse() -> None:
        raise Refused(reason)

    assert play(lambda run: run.expect_refused("no", refuse, "not_a_member")).passed is passed


def test_answer_where_a_refusal_was_expected_fails() -> None:
    (step,) = play(lambda run: run.expect_refused("no", lambda: "welcome", "not_a_member")).steps
    assert (step.passed, step.expected, step.actual) == (False, "refused: not_a_member", "'welcome'")


def test_units_round_up_as_dynamodb_does() -> None:
    item = {"pk": {"S": "x" * 1021}}
    assert write_units([item]) == 2.0
    assert write_units([item, {"pk": {"S": "x" * 1023}}], indexes=1) == 4.0 + 8.0
    assert read_units([item] * 4) == 0.5
    assert read_units([item] * 5, pages=3) == 2.0


def test_what_a_scenario_prints_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    play(lambda _run: print("debugging"))
    assert capsys.readouterr().out == ""
