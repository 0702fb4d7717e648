"""Invoking a handler in process."""

from __future__ import annotations

from typing import Any

import pytest

from harness.streams.inline import invoke


def test_handler_gets_event_and_a_context_like_lambdas() -> None:
    def handler(event: dict[str, Any], context: Any) -> tuple[Any, ...]:
        return event, context.function_name, context.get_remaining_time_in_millis() > 0, len(context.aws_request_id)

    assert invoke(handler, {"a": 1}, name="mover").value == ({"a": 1}, "mover", True, 36)


def test_what_a_handler_prints_is_not_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    invoke(lambda _event, _context: print("hello"), {}, name="mover")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")


@pytest.mark.parametrize("error", [KeyError("NewImage"), SystemExit(1), RecursionError()])
def test_what_a_handler_raises_is_data(error: BaseException) -> None:
    def handler(_event: object, _context: object) -> None:
        raise error

    assert invoke(handler, {}, name="mover").error is error


def test_interrupt_is_not_swallowed() -> None:
    def handler(_event: object, _context: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invoke(handler, {}, name="mover")
