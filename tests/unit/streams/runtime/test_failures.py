from __future__ import annotations

import pytest

from harness.streams.runtime import failures


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "Runtime exited without providing a reason"),
        (1, "Runtime exited with error: exit status 1"),
        (106, "Runtime exited with error: exit status 106"),
        (-9, "Runtime exited with error: signal: killed"),
        (-11, "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_the_end_of_a_process_in_lambdas_words(code: int, text: str) -> None:
    assert failures.end_of_process(code) == text


def test_payloads() -> None:
    assert failures.timed_out("r1", 1) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: r1 Error: Task timed out after 1.00 seconds",
    }
    assert failures.exited("r1", "Runtime exited without providing a reason") == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: r1 Error: Runtime exited without providing a reason",
    }
    assert failures.response_too_large() == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
