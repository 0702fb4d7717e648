"""`harness` as a user types it: a subprocess, in a folder that `harness init` wrote, on ports of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from harness.cli import main
from harness.config import load_config
from harness.dataset import silent
from harness.engines.ports import free_port
from harness.engines.registry import open_engine

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

ENGINES = [
    pytest.param("embedded", marks=pytest.mark.embedded),
    pytest.param("docker", marks=pytest.mark.docker),
]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Project:
    """A folder, and the harness that is called in it."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "harness", *words],
            cwd=cwd or self.folder,
            env=self.environment(env),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Result(code=done.returncode, out=done.stdout, err=done.stderr)

    def ok(self, *words: str, env: Mapping[str, str] | None = None) -> Result:
        result = self(*words, env=env)
        assert result.code == 0, f"harness {' '.join(words)}: {result}"
        return result

    def refused(self, code: int, *words: str, env: Mapping[str, str] | None = None) -> str:
        """Return what stderr says of a command that must fail with this code: an error and a hint."""
        result = self(*words, env=env)
        assert result.code == code, result
        error, hint = result.err[result.err.index("error: ") :].rstrip().rsplit("\nhint: ", 1)
        assert error
        assert hint
        return f"{error}\nhint: {hint}"

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "harness", *words],
            cwd=self.folder,
            env=self.environment(None),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self, more: Mapping[str, str] | None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HARNESS_", "AWS_", "PG"))}
        return kept | self.environ | dict(more or {})

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def dynamodb(self) -> Any:
        """A client of its own stack, as an application makes one."""
        return boto3.client(
            "dynamodb",
            endpoint_url=f"http://127.0.0.1:{self.environ['HARNESS_DYNAMODB_PORT']}",
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )


def new_project(folder: Path, engine: str) -> Project:
    folder.mkdir(parents=True, exist_ok=True)
    with redirect_stdout(StringIO()):
        assert main(["init", str(folder)]) == 0
    environ = {
        "HARNESS_ENGINE": engine,
        "HARNESS_DYNAMODB_PORT": str(free_port()),
        "HARNESS_POSTGRES_PORT": str(free_port()),
    }
    return Project(folder=folder.resolve(), environ=environ)


def require(engine: str, folder: Path) -> None:
    """Skip without the engine, or fail where HARNESS_REQUIRE names it."""
    home = folder / "check"
    home.mkdir(parents=True, exist_ok=True)
    opened = open_engine(engine, load_config(folder, {}, {}), home=home, ports={}, shared=True, progress=silent)
    if (reason := opened.check()) is not None:
        if engine in os.environ.get("HARNESS_REQUIRE", "").split(","):
            pytest.fail(f"HARNESS_REQUIRE names {engine}, but {reason}", pytrace=False)
        pytest.skip(f"{engine}: {reason}")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A fresh project on the embedded engine; whatever a test leaves up is removed."""
    made = new_project(tmp_path / "app", "embedded")
    yield made
    made("down")


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Project]]:
    """A project of each engine that is up, for the whole session: leave it seeded."""
    running: dict[str, Project] = {}

    def get(engine: str) -> Project:
        if engine not in running:
            folder = tmp_path_factory.mktemp(f"up-{engine}")
            require(engine, folder)
            made = new_project(folder, engine)
            running[engine] = made
            made.ok("up")
        return running[engine]

    yield get
    for made in running.values():
        made.ok("down")


@pytest.fixture(params=ENGINES)
def stack(request: pytest.FixtureRequest, up: Callable[[str], Project]) -> Project:
    """A project with its stack up and seeded, on each engine."""
    return up(request.param)


@pytest.fixture
def embedded_stack(up: Callable[[str], Project]) -> Project:
    """Any project with its stack up and seeded."""
    return up("embedded")


def interrupt(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Send a signal and wait for the end."""
    process.send_signal(number)
    out, err = process.communicate()
    return process.returncode, out, err
