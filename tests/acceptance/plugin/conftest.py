"""A project with tests, as a user has it, whose pytest is run by ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import boto3.dynamodb.conditions  # noqa: F401 - pytester forgets what an inner run imports; requests does not bear that
import docker  # noqa: F401
import pytest

import harness.testing.lending
import harness.testing.outcome  # noqa: F401
from harness.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.conftest import Project

EXAMPLES = Path(__file__).parents[2] / "examples"
#: What is installed for tests of its own, and otherwise only changes the others.
_QUIET = ("randomly", "asyncio", "pytest_postgresql", "pytest_dynamodb", "docker")


@pytest.fixture(autouse=True)
def _at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CI is set pytest tells each failure whole once more, in its summary."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("BUILD_NUMBER", raising=False)


@dataclass(frozen=True)
class Inner:
    """A project in a folder of pytester's."""

    pytester: pytest.Pytester

    @property
    def folder(self) -> Path:
        return self.pytester.path

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def settings(self, **ini: str) -> None:
        """Write pytest.ini anew."""
        self.write("pytest.ini", "\n".join(["[pytest]", *(f"{name} = {value}" for name, value in ini.items()), ""]))

    def example(self, *names: str) -> None:
        for name in names:
            self.write(f"tests/{name}", (EXAMPLES / name).read_text(encoding="utf-8"))

    def run(self, *args: str, using: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run its tests in this process."""
        return self.pytester.runpytest_inprocess(*self._words(using), *args)

    def run_apart(self, *args: str, using: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run its tests in a process of their own."""
        words = [sys.executable, "-m", "pytest", *self._words(using), *args]
        return self.pytester.run(*words, timeout=120)

    def start(self, *args: str, using: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """Begin to run its tests in a process of their own."""
        words = [sys.executable, "-m", "pytest", *self._words(using), *args]
        return subprocess.Popen(words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def _words(self, using: tuple[str, ...]) -> list[str]:
        quiet = [word for name in _QUIET if name not in using for word in ("-p", f"no:{name}")]
        return ["-ra", "--rootdir", str(self.folder), *quiet]


@pytest.fixture
def bare(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inner]:
    """A folder without any file of ours; engines are embedded."""
    for name in [name for name in os.environ if name.startswith(("HARNESS_", "AWS_", "PG", "PYTEST_XDIST"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HARNESS_ENGINE", "embedded")
    made = Inner(pytester)
    made.settings()
    yield made
    if (made.folder / ".harness").exists():
        with redirect_stdout(StringIO()):
            assert main(["down", "--project", str(made.folder)]) == 0
    shutil.rmtree(made.folder)


@pytest.fixture
def own(bare: Inner) -> Inner:
    """A project that `harness init` wrote, on engines of its own."""
    with redirect_stdout(StringIO()):
        assert main(["init", str(bare.folder)]) == 0
    return bare


@pytest.fixture
def inner(own: Inner, up: Callable[[str], Project], monkeypatch: pytest.MonkeyPatch) -> Inner:
    """The same on engines that run already, which is faster."""
    found = up("embedded").ok("env", "--format", "json").json
    monkeypatch.setenv("HARNESS_ENGINE", "external")
    monkeypatch.setenv("HARNESS_DYNAMODB_URL", found["AWS_ENDPOINT_URL_DYNAMODB"])
    monkeypatch.setenv("HARNESS_POSTGRES_DSN", found["DATABASE_URL"])
    return own
