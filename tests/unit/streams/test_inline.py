"""A callable in this process as a Lambda function."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from harness.streams.inline import InlineFunction

if TYPE_CHECKING:
    from harness.streams.inline import Handler


def function(handler: Handler, **options: Any) -> InlineFunction:
    return InlineFunction(handler=handler, name="mover", new_id=lambda: "the-id", **options)


def raising(error: BaseException) -> Handler:
    def handler(_event: object, _context: object) -> None:
        raise error

    return handler


def test_handler_gets_event_and_a_context_like_lambdas() -> None:
    def handler(event: dict[str, Any], context: Any) -> list[Any]:
        return [event, context.function_name, context.aws_request_id, context.get_remaining_time_in_millis() > 0]

    result = function(handler).invoke({"a": 1})
    assert result.ok
    assert result.response == [{"a": 1}, "mover", "the-id", True]


def test_context_names_the_function_as_lambda_does() -> None:
    def handler(_event: object, context: Any) -> list[str]:
        return [context.invoked_function_arn, context.function_version, context.log_group_name]

    one = function(handler, region="eu-west-1")
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:mover"
    assert one.invoke({}).response == [arn, "$LATEST", "/aws/lambda/mover"]
    assert one.arn == arn


def test_what_a_handler_prints_is_not_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    function(lambda _event, _context: print("hello")).invoke({})
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")


def test_what_a_handler_logs_through_its_context_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def handler(_event: object, context: Any) -> None:
        context.log("100 % done")

    with caplog.at_level(logging.INFO):
        function(handler).invoke({})
    assert "100 % done" in caplog.messages


def test_what_a_handler_raises_is_lambdas_error() -> None:
    result = function(raising(KeyError("NewImage"))).invoke({})
    assert (result.outcome, result.request_id) == ("function_error", "the-id")
    assert result.error is not None
    assert (result.error["errorType"], result.error["errorMessage"]) == ("KeyError", "'NewImage'")
    (frame,) = result.error["stackTrace"]
    assert "raise error" in frame
    assert "in handler" in frame


def test_exit_is_the_runtimes_end() -> None:
    result = function(raising(SystemExit(1))).invoke({})
    assert result.error is not None
    assert result.error["errorType"] == "Runtime.ExitError"


def test_interrupt_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt):
        function(raising(KeyboardInterrupt())).invoke({})


@pytest.mark.parametrize("answer", [{"x": {1, 2}}, object(), b"bytes"])
def test_what_is_no_json_is_an_error(answer: object) -> None:
    result = function(lambda _event, _context: answer).invoke({})
    assert result.error is not None
    assert result.error["errorType"] == "Runtime.MarshalError"


def test_answer_makes_a_trip_through_json() -> None:
    given = {"n": Decimal("1.5"), 1: (2, 3)}
    result = function(lambda _event, _context: given).invoke({})
    assert result.response == {"n": 1.5, "1": [2, 3]}


def test_each_call_has_an_id_of_its_own() -> None:
    def handler(_event: object, context: Any) -> str:
        return str(context.aws_request_id)

    one = InlineFunction(handler=handler)
    first, second = one.invoke({}), one.invoke({})
    assert first.request_id == first.response != second.request_id
