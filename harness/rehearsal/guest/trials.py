"""Calls a stream handler for one event after another. A program of its own: `python trials.py < job.json`.

The job: `file`, `function`, and `trials`, each with `name`, `event` and `times`. What happens is told as in journal.py,
between a `begin` and an `end` for each trial.
"""

# Every guest would pay 5 ms for pathlib.
# ruff: noqa: PTH119, PTH120
from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

_LONGEST = 20_000
_LAMBDA_MS = 3000


class _Context:
    """The second argument of a handler, as far as handlers look at it (python-context of Lambda's guide)."""

    function_name = "rehearsal"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:rehearsal"
    memory_limit_in_mb = "128"
    log_group_name = "/aws/lambda/rehearsal"
    log_stream_name = "rehearsal"
    identity = client_context = None

    def __init__(self, request: str) -> None:
        self.aws_request_id = request

    def get_remaining_time_in_millis(self) -> int:
        return _LAMBDA_MS


def main() -> None:
    """Do the job."""
    job = json.load(sys.stdin)
    door: Any = sys.modules["sitecustomize"]  # it ran already
    with door.ourselves():
        from harness.rehearsal.guest.tracebacks import as_data  # noqa: PLC0415
    sys.path[0] = os.path.dirname(job["file"])
    sys.argv = [job["file"]]
    function = None
    for trial in job["trials"]:
        printed = io.StringIO()
        with _Trial(trial["name"], printed, door.journal, as_data), contextlib.redirect_stdout(printed):
            if function is None:
                function = getattr(_load(job["file"]), job["function"])
                door.journal("loaded")
            for number in range(trial["times"]):
                function(json.loads(json.dumps(trial["event"])), _Context(f"{trial['name']}-{number}"))
        if function is None:
            return


class _Trial:
    """Tells of the beginning, of whatever is raised (sys.exit is, too), and of the end, with what was printed."""

    def __init__(self, name: str, printed: io.StringIO, journal: Any, as_data: Any) -> None:
        self._name, self._printed, self._journal, self._as_data = name, printed, journal, as_data

    def __enter__(self) -> None:
        self._journal("begin", name=self._name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            # Our own frame comes first.
            self._journal("traceback", **self._as_data(self._journal, error, trace and trace.tb_next))
        self._journal("end", name=self._name, stdout=self._printed.getvalue()[:_LONGEST])
        return True


def _load(file: str) -> Any:
    name = os.path.basename(file).partition(".")[0]
    loader = SourceFileLoader(name, file)  # whatever its name ends in
    module = importlib.util.module_from_spec(ModuleSpec(name, loader, origin=file))
    module.__file__ = file
    sys.modules[name] = module
    loader.exec_module(module)
    return module


main()
