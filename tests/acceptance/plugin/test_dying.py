"""Workers that die, Ctrl-C, kill -9: the tests that are left are well, and nothing is left running."""

from __future__ import annotations

import re
import signal
import time
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from harness.cli import main
from tests.integration.leftovers import processes_of

if TYPE_CHECKING:
    import subprocess

    from tests.acceptance.plugin.conftest import Inner

pytestmark = pytest.mark.embedded

WAITS = """
import pathlib, threading

def test_waits(harness_namespace):
    pathlib.Path("waits").touch()
    threading.Event().wait(60)
"""


def waiting(inner: Inner, process: subprocess.Popen[str]) -> None:
    """Wait until the test of WAITS is under way."""
    deadline = time.monotonic() + 60
    while not (inner.folder / "waits").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        psutil.wait_procs([psutil.Process(process.pid)], timeout=0.05)


def test_a_worker_that_dies_takes_only_its_test_along(own: Inner) -> None:
    own.write(
        "test_it.py",
        """
import os, pytest

@pytest.mark.parametrize("number", range(12))
def test_it(number, harness_namespace):
    assert harness_namespace.changes() == ()
    harness_namespace.postgres.execute("DELETE FROM activities")
    if number in (3, 8):
        os._exit(1)
""",
    )
    result = own.run_apart("-n", "2")
    result.assert_outcomes(passed=10, failed=2)
    assert processes_of(own.folder) == []


def test_the_only_worker_dies_at_the_end(own: Inner) -> None:
    own.write("test_it.py", "import os\ndef test_it(harness_namespace):\n    os._exit(1)\n")
    own.run_apart("-n", "1", "--max-worker-restart", "0").assert_outcomes(failed=1)
    assert processes_of(own.folder) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(own: Inner, number: signal.Signals) -> None:
    own.write("test_it.py", WAITS)
    process = own.start()
    waiting(own, process)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in out
    assert processes_of(own.folder) == []


def test_killed(own: Inner) -> None:
    own.write("test_it.py", WAITS)
    process = own.start()
    waiting(own, process)
    process.kill()
    process.communicate(timeout=60)
    assert processes_of(own.folder)
    own.write("test_it.py", "def test_it(harness_namespace): assert harness_namespace.changes() == ()")
    own.run_apart().assert_outcomes(passed=1)
    assert processes_of(own.folder) == []


def test_kept_engines_stay_until_they_are_put_down(own: Inner) -> None:
    own.write(
        "test_it.py",
        "def test_it(harness_postgres):\n    harness_postgres.execute('DELETE FROM activities')\n    assert 0\n",
    )
    result = own.run_apart("--harness-keep", "-n", "1")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["it stays until: cd * && harness down"])
    [dsn] = re.findall(r"^psql '?(postgresql://[^\s']+)", result.stdout.str(), re.MULTILINE)
    with psycopg.connect(dsn) as kept:
        assert kept.execute("SELECT count(*) FROM activities").fetchone() == (0,)
    with redirect_stdout(StringIO()):
        assert main(["down", "--project", str(own.folder)]) == 0
    assert processes_of(own.folder) == []
