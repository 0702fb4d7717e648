"""Functions made of a few lines, run by the real runtime client."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from harness.streams.runtime.configuration import FunctionConfiguration
from harness.streams.runtime.function import LambdaFunction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.streams.invocation import Result


@dataclass
class Deployed:
    """A function and its log."""

    function: LambdaFunction
    log: list[str] = field(default_factory=list)

    def invoke(self, **event: Any) -> Result:
        return self.function.invoke(event)

    @property
    def printed(self) -> list[str]:
        """The log without Lambda's own lines."""
        own = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_REPORT")
        return [line for line in self.log if not line.startswith(own)]

    @property
    def pids(self) -> list[int]:
        """What the function printed as numbers: its processes."""
        return [int(line) for line in self.printed if line.isdigit()]


class Deploy:
    """Writes `app.py` and makes a function of it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack

    def __call__(self, source: str, *, reserved_concurrency: int | None = None, **changes: Any) -> Deployed:
        (self.folder / "app.py").write_text(dedent(source))
        configuration = FunctionConfiguration(name="f", code=self.folder, handler="app.handler")
        log: list[str] = []
        function = LambdaFunction(
            replace(configuration, **changes), log=log.append, reserved_concurrency=reserved_concurrency
        )
        return Deployed(self._stack.enter_context(function), log)


@pytest.fixture
def deploy(tmp_path: Path) -> Iterator[Deploy]:
    """Make functions that are closed after the test."""
    with ExitStack() as stack:
        yield Deploy(tmp_path, stack)
