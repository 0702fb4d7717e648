"""One hundred tests on seeded databases: the peers' way and ours, in turn, on the same engines; and what the plugin costs others.

Each test gets 20 users in Postgres and a table with index, stream and 100 items, and reads one item and one row count.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from harness import stack as stacks
from harness.cli import main as harness
from harness.config import load_config
from tests.benchmarks.figures import Figure, heading, show
from tests.benchmarks.plugin_suites import Suite, write_ours, write_theirs

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = 100
ROUNDS = 3
#: A session has started when this many tests have run: one for each worker of `-n 2`.
FIRST = 2
#: A test that does something itself; while it does, the next namespaces are made.
OWN_SECONDS = 0.03
#: Goals: our time of one test, as a share of the peers'.
GOALS = {"embedded": "1/15", "docker": "1/8"}
#: Installed for tests of this project; none of them has a part in this.
OTHERS = ("randomly", "asyncio", "faker", "docker", "timeout", "hypothesispytest", "anyio", "schemathesis")
COLLECTS = 15
PEERS = "pytest-postgresql + pytest-dynamodb"


def main() -> None:
    tests: dict[str, tuple[Figure, Figure]] = {}
    for engine in GOALS:
        with tempfile.TemporaryDirectory(prefix="harness-bench-") as folder:
            tests[engine] = _compare(engine, Path(folder))
    heading("A test of who changes from the peers, which start DynamoDB Local, to the embedded engine")
    theirs, ours = tests["docker"][0], tests["embedded"][1]
    show([theirs, ours], baseline=theirs)
    _collect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one suite took, run with several numbers of tests one after another."""

    #: Milliseconds of each test beyond the first ones.
    each: float
    #: Seconds until the first tests have run, beyond a pytest that does nothing.
    start: float
    #: Seconds of the whole process.
    whole: float


def _compare(engine: str, folder: Path) -> tuple[Figure, Figure]:
    """Show everything on one engine; return what a test takes the peers, and us."""
    with redirect_stdout(StringIO()):
        harness(["init", str(folder)])
    config = load_config(folder, {}, {"engine": engine})
    with stacks.ephemeral(config) as stack:
        theirs = write_theirs(folder / "theirs", config, stack.endpoints)
        ours = write_ours(folder / "ours", config, stack.endpoints)
        heading(f"Engine {engine}, {TESTS} tests, {ROUNDS} rounds in turn, each of: {PEERS}; harness; harness -n 2")
        measures: dict[str, Callable[[], Round]] = {
            PEERS: lambda: _round(theirs),
            "harness": lambda: _round(ours),
            "harness, -n 2": lambda: _round(ours, "-n", "2"),
        }
        for measure in measures.values():
            measure()  # a JVM gets faster for a while
        rounds = [{name: measure() for name, measure in measures.items()} for _ in range(ROUNDS)]
        heading(f"A test; the goal is {GOALS[engine]}")
        theirs_each, *ours_each = _figures(rounds, "each", "ms")
        show([theirs_each, *ours_each], baseline=theirs_each)
        show(ours_each, baseline=ours_each[0])
        for title, part in (
            ("The start of a session, engines running", "start"),
            (f"All {TESTS} tests, start and end of pytest included, engines running", "whole"),
        ):
            heading(title)
            figures = _figures(rounds, part, "s")
            show(figures, baseline=figures[0])
        _with_work_of_their_own(ours)
    own = write_ours(folder / "own", config, None)
    heading("The same, engines started and stopped by the run")
    one, two = (
        Figure(name, tuple(_seconds(own, TESTS, *args) for _ in range(ROUNDS)), "s")
        for name, args in (("harness", ()), ("harness, -n 2", ("-n", "2")))
    )
    show([one, two], baseline=one)
    sys.stdout.write(f"  load of the machine at the end, {os.cpu_count()} cores: {os.getloadavg()[0]:.1f}\n")
    return theirs_each, ours_each[0]


def _figures(rounds: list[dict[str, Round]], part: str, unit: str) -> list[Figure]:
    return [Figure(name, tuple(getattr(each[name], part) for each in rounds), unit) for name in rounds[0]]


def _round(suite: Suite, *args: str) -> Round:
    nothing, first, whole = (_seconds(suite, tests, *args) for tests in (0, FIRST, TESTS))
    return Round(each=1000 * (whole - first) / (TESTS - FIRST), start=first - nothing, whole=whole)


def _with_work_of_their_own(suite: Suite) -> None:
    heading(f"The same when each test takes {1000 * OWN_SECONDS:.0f} ms itself")
    waited: list[float] = []
    seconds: dict[str, list[float]] = {"harness": [], "harness, -n 2": []}
    for _ in range(ROUNDS):
        seconds["harness"].append(_seconds(suite, TESTS, own_seconds=OWN_SECONDS))
        waited += json.loads((suite.folder / "waited.json").read_text())[1:]
        seconds["harness, -n 2"].append(_seconds(suite, TESTS, "-n", "2", own_seconds=OWN_SECONDS))
    one, two = (Figure(name, tuple(runs), "s") for name, runs in seconds.items())
    show([one, two], baseline=one)
    wait = Figure("wait for a namespace, the first aside", tuple(waited), "ms")
    show([wait], baseline=wait)


def _seconds(suite: Suite, tests: int, *args: str, own_seconds: float = 0) -> float:
    """Run a suite, and return the seconds of the whole process."""
    quiet = [word for name in OTHERS for word in ("-p", f"no:{name}")]
    file = suite.folder / ("test_seeded.py" if tests else "test_nothing.py")
    argv = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(suite.folder), *quiet, *suite.args, *args, str(file)]
    told = {"BENCH_TESTS": str(tests), "BENCH_SECONDS": str(own_seconds)}
    began = time.perf_counter()
    done = subprocess.run(
        argv, cwd=suite.folder, env=os.environ | suite.environ | told, check=False, capture_output=True, text=True
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{' '.join(argv)}: code {done.returncode}\n{done.stdout}{done.stderr}")
    return seconds


def _collect() -> None:
    heading("`pytest --collect-only` of a project that uses none of the fixtures, user time; the goal is 20 ms more")
    quiet = [word for name in (*OTHERS, "pytest_postgresql", "pytest_dynamodb") for word in ("-p", f"no:{name}")]
    argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", *quiet]
    without, having = [], []
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as folder:
        (Path(folder) / "test_it.py").write_text("def test_it(): pass\n")
        for _ in range(COLLECTS):
            without.append(_user_time([*argv, "-p", "no:harness"], folder))
            having.append(_user_time(argv, folder))
    baseline = Figure("without the plugin", tuple(without), "ms")
    show([baseline, Figure("with the plugin", tuple(having), "ms")], baseline=baseline)
    grown = statistics.median(more - less for more, less in zip(having, without, strict=True))
    sys.stdout.write(f"  grown by {grown:.1f} ms: the median of {COLLECTS} pairs\n")


def _user_time(argv: list[str], folder: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(argv, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return 1000 * (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
