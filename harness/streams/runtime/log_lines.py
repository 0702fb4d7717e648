"""The lines that Lambda itself writes to a function's log, in both of its formats."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.runtime.configuration import LogFormat

Status = Literal["success", "error", "timeout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What REPORT tells of an invocation. Durations in milliseconds, memory in MB."""

    request_id: str
    duration: float
    memory: int
    used: int
    #: Only where the invocation began with a cold start.
    init: float | None = None
    status: Status = "success"
    error_type: str | None = None

    @property
    def billed(self) -> int:
        """Whole milliseconds, rounded up."""
        return ceil(self.duration)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLines:
    """Writes them. Sources: developer guide, "Log and monitor Python Lambda functions" and "Lambda Telemetry API"."""

    log_format: LogFormat

    def start(self, request_id: str, version: str, at: float) -> str:
        """Say that the handler is about to be called."""
        if self.log_format == "JSON":
            return _platform("start", at, {"requestId": request_id, "version": version})
        return f"START RequestId: {request_id} Version: {version}"

    def end(self, request_id: str) -> list[str]:
        """Say that it is done; the JSON format leaves that to the report."""
        return [] if self.log_format == "JSON" else [f"END RequestId: {request_id}"]

    def report(self, report: Report, at: float) -> str:
        """Say what it took."""
        return _report_json(report, at) if self.log_format == "JSON" else _report_text(report)

    def init_report(self, milliseconds: float, status: Status, error_type: str | None, at: float) -> str:
        """Say that the init phase failed. Of one that succeeded there is no such line."""
        if self.log_format == "JSON":
            record = {"phase": "init", "status": status, "metrics": {"durationMs": round(milliseconds, 3)}}
            return _platform("initReport", at, record | ({"errorType": error_type} if error_type else {}))
        fields = [f"INIT_REPORT Init Duration: {milliseconds:.2f} ms", "Phase: init", *_status(status, error_type)]
        return "\t".join(fields)


def timed_out(request_id: str, seconds: float, at: float) -> str:
    """Return the line that a timeout adds."""
    return f"{_instant(at)} {request_id} Task timed out after {seconds:.2f} seconds"


def exited(request_id: str, how: str) -> str:
    """Return the event that tells of a process's end."""
    return f"RequestId: {request_id} Error: {how}\nRuntime.ExitError"


def _report_text(report: Report) -> str:
    fields = [
        f"REPORT RequestId: {report.request_id}",
        f"Duration: {report.duration:.2f} ms",
        f"Billed Duration: {report.billed} ms",
        f"Memory Size: {report.memory} MB",
        f"Max Memory Used: {report.used} MB",
    ]
    if report.init is not None:
        fields.append(f"Init Duration: {report.init:.2f} ms")
    # Where there is no status, Lambda's line ends with a tab.
    return "\t".join([*fields, *(_status(report.status, report.error_type) or [""])])


def _report_json(report: Report, at: float) -> str:
    metrics: dict[str, Any] = {
        "durationMs": round(report.duration, 3),
        "billedDurationMs": report.billed,
        "memorySizeMB": report.memory,
        "maxMemoryUsedMB": report.used,
    }
    if report.init is not None:
        metrics["initDurationMs"] = round(report.init, 3)
    record = {"requestId": report.request_id, "metrics": metrics, "status": report.status}
    return _platform("report", at, record | ({"errorType": report.error_type} if report.error_type else {}))


def _status(status: Status, error_type: str | None) -> list[str]:
    if status == "success":
        return []
    return [f"Status: {status}", *([f"Error Type: {error_type}"] if error_type else [])]


def _platform(kind: str, at: float, record: Mapping[str, Any]) -> str:
    return json.dumps({"time": _instant(at), "type": f"platform.{kind}", "record": record})


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
