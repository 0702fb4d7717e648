from __future__ import annotations

import json

import pytest

from harness.streams.runtime import log_lines
from harness.streams.runtime.log_lines import LogLines, Report

TEXT, JSON = LogLines(log_format="Text"), LogLines(log_format="JSON")
AT = 1_795_312_318.25


def report(**changes: object) -> Report:
    values: dict[str, object] = {"request_id": "r1", "duration": 15.74, "memory": 128, "used": 56} | changes
    return Report(**values)  # type: ignore[arg-type]


def test_a_cold_invocation_reads_as_lambda_writes_it() -> None:
    assert TEXT.start("r1", "$LATEST", AT) == "START RequestId: r1 Version: $LATEST"
    assert TEXT.end("r1") == ["END RequestId: r1"]
    assert TEXT.report(report(init=130.489), AT) == (
        "REPORT RequestId: r1\tDuration: 15.74 ms\tBilled Duration: 16 ms\tMemory Size: 128 MB\tMax Memory Used: 56 MB\t"
        "Init Duration: 130.49 ms\t"
    )


def test_a_warm_invocation_has_no_init() -> None:
    assert TEXT.report(report(), AT).endswith("\tMax Memory Used: 56 MB\t")


@pytest.mark.parametrize(
    ("duration", "billed"), [(0.01, "1 ms"), (1.0, "1 ms"), (1.004, "2 ms"), (3000.0, "3000 ms"), (0.0, "0 ms")]
)
def test_billed_is_rounded_up_to_whole_milliseconds(duration: float, billed: str) -> None:
    assert f"\tBilled Duration: {billed}\t" in TEXT.report(report(duration=duration), AT)


def test_what_went_wrong_with_the_process_is_at_the_end() -> None:
    assert TEXT.report(report(status="timeout"), AT).endswith("\tMax Memory Used: 56 MB\tStatus: timeout")
    died = report(status="error", error_type="Runtime.OutOfMemory", init=1.0)
    assert TEXT.report(died, AT).endswith("\tInit Duration: 1.00 ms\tStatus: error\tError Type: Runtime.OutOfMemory")


def test_a_failed_init_phase_has_a_line_of_its_own() -> None:
    assert TEXT.init_report(87.006, "error", "Runtime.ImportModuleError", AT) == (
        "INIT_REPORT Init Duration: 87.01 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError"
    )


def test_a_timeout_tells_when_and_who() -> None:
    assert log_lines.timed_out("r1", 3, AT) == "2026-11-22T01:51:58.250Z r1 Task timed out after 3.00 seconds"


def test_json_has_the_same_as_objects() -> None:
    assert json.loads(JSON.start("r1", "7", AT)) == {
        "time": "2026-11-22T01:51:58.250Z",
        "type": "platform.start",
        "record": {"requestId": "r1", "version": "7"},
    }
    assert JSON.end("r1") == []
    assert json.loads(JSON.report(report(init=1.5, status="error", error_type="X"), AT))["record"] == {
        "requestId": "r1",
        "metrics": {
            "durationMs": 15.74,
            "billedDurationMs": 16,
            "memorySizeMB": 128,
            "maxMemoryUsedMB": 56,
            "initDurationMs": 1.5,
        },
        "status": "error",
        "errorType": "X",
    }
    assert json.loads(JSON.init_report(9.0, "timeout", None, AT))["record"] == {
        "phase": "init",
        "status": "timeout",
        "metrics": {"durationMs": 9.0},
    }
