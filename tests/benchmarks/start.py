"""From nothing to seeded, first and later, beside the bare servers that answer their first query."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from harness.engines.ports import free_port
from tests.benchmarks.figures import Figure, heading, show

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
LATER_STARTS = 5


def main() -> None:
    for engine in ("embedded", "docker"):
        heading(f"`harness up` to seeded, engine {engine}; bare = its servers up to the first answer, no data")
        with Project(engine) as project:
            first = project.first_start()
            later = Figure(f"{engine}, later starts", tuple(project.up() for _ in range(LATER_STARTS)), "s")
            bare = Figure(f"{engine}, bare", tuple(project.bare() for _ in range(LATER_STARTS)), "s")
        show([bare, first, later], baseline=bare)


class Project:
    """A user's folder with a cache of its own, so that the first start is a first start."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.folder = Path(tempfile.mkdtemp(prefix="harness-bench-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.environment = os.environ | {"XDG_CACHE_HOME": str(self.folder / "cache"), "HARNESS_ENGINE": engine}

    def __enter__(self) -> Self:
        self._harness("init", str(self.folder / "app"))
        return self

    def __exit__(self, *_: object) -> None:
        self._harness("down")
        shutil.rmtree(self.folder, ignore_errors=True)

    def first_start(self) -> Figure:
        return Figure(f"{self.engine}, first start", (self.up(),), "s")

    def up(self) -> float:
        """One `harness up`, timed as a whole process, then `down`, untimed."""
        ports = ["--dynamodb-port", str(free_port()), "--postgres-port", str(free_port())]
        seconds = timed(lambda: self._harness("up", *ports))
        self._harness("down")
        return seconds

    def bare(self) -> float:
        """Start the same servers through our engine, but no schema and no data, in this process."""
        script = (
            "import sys, time; from pathlib import Path; from harness.config import load_config; from harness import stack\n"
            "config = load_config(Path(sys.argv[1]), {'HARNESS_ENGINE': sys.argv[2]}, {})\n"
            "began = time.perf_counter()\n"
            "with stack.ephemeral(config):\n    print(time.perf_counter() - began)\n"
        )
        argv = [sys.executable, "-c", script, str(self.folder / "app"), self.engine]
        done = subprocess.run(argv, env=self.environment, check=True, stdout=subprocess.PIPE, text=True)
        return float(done.stdout.split()[-1])

    def _harness(self, *words: str) -> None:
        project = [] if words[0] == "init" else ["--project", str(self.folder / "app")]
        argv = [sys.executable, "-m", "harness", "-q", *words, *project]
        subprocess.run(argv, env=self.environment, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)


def timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
