"""A sandbox on an empty ground, and what is around it.

Where the kernel gives no namespaces these tests skip, unless HARNESS_REQUIRE names `namespaces`: then they fail.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from harness.sandbox.model import Doors, Isolation, Ran
from harness.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Run = Callable[..., Ran]
NO_DOORS = Doors(ports={})


def need_namespaces(sandbox: Sandbox) -> None:
    if sandbox.isolation.kind == "namespaces":
        return
    if "namespaces" in os.environ.get("HARNESS_REQUIRE", "").split(","):
        pytest.fail(f"HARNESS_REQUIRE names namespaces, but {sandbox.isolation.why}", pytrace=False)
    pytest.skip(f"no namespaces: {sandbox.isolation.why}")


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    (tmp_path / "ground").mkdir()
    return tmp_path / "ground"


@pytest.fixture
def make(ground: Path) -> Iterator[Callable[..., Sandbox]]:
    """Return sandboxes with walls."""
    with ExitStack() as opened:

        def made(doors: Doors = NO_DOORS, **shown: Any) -> Sandbox:
            sandbox = opened.enter_context(Sandbox(ground, doors, **shown))
            need_namespaces(sandbox)
            return sandbox

        yield made


@pytest.fixture
def sandbox(make: Callable[..., Sandbox]) -> Sandbox:
    return make()


@pytest.fixture
def guarded(ground: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(Sandbox, "_probe", lambda _: Isolation(kind="guard", why="this test says so"))
    with Sandbox(ground, NO_DOORS) as sandbox:
        yield sandbox


def runner(sandbox: Sandbox, ground: Path) -> tuple[Run, Run]:
    """Return how to run bash and Python code."""

    def bash(script: str, **kwargs: Any) -> Ran:
        return sandbox.run(["bash", "-c", script], cwd=ground, **kwargs)

    def python(code: str, *argv: str, **kwargs: Any) -> Ran:
        return sandbox.run([sys.executable, "-c", code, *argv], cwd=ground, **kwargs)

    return bash, python


@pytest.fixture
def bash(sandbox: Sandbox, ground: Path) -> Run:
    return runner(sandbox, ground)[0]


@pytest.fixture
def python(sandbox: Sandbox, ground: Path) -> Run:
    return runner(sandbox, ground)[1]
