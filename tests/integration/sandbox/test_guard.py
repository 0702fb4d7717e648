"""What holds where there are no namespaces."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from harness.sandbox.inside.order import MIB
from tests.integration.sandbox.conftest import Run, runner
from tests.integration.sandbox.outside import mark, running
from tests.integration.sandbox.test_ends import DAEMON

if TYPE_CHECKING:
    from pathlib import Path

    from harness.sandbox.sandbox import Sandbox


@pytest.fixture
def bash(guarded: Sandbox, ground: Path) -> Run:
    return runner(guarded, ground)[0]


@pytest.fixture
def python(guarded: Sandbox, ground: Path) -> Run:
    return runner(guarded, ground)[1]


def test_it_says_that_it_is_one(guarded: Sandbox) -> None:
    assert (guarded.isolation.kind, guarded.isolation.why) == ("guard", "this test says so")


def test_a_program_runs(bash: Run, ground: Path) -> None:
    ran = bash("cat; echo no >&2; pwd > here; exit 3", stdin=b"yes")
    assert (ran.stdout, ran.stderr, ran.exit_code, ran.stopped, ran.left_running) == ("yes", "no\n", 3, None, ())
    assert (ground / "here").read_text() == f"{ground}\n"


def test_the_environment_is_clean(guarded: Sandbox, ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    ran = guarded.run(["env"], cwd=ground, env={"PORT": "1"})
    names = {line.partition("=")[0] for line in ran.stdout.splitlines()}
    assert names == {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "HARNESS_JOURNAL", "HARNESS_SANDBOX", "PORT"}


def test_home_and_temporary_files_are_private_and_gone_afterwards(bash: Run) -> None:
    ran = bash("touch ~/x $TMPDIR/y; mktemp; echo ~")
    made, home = ran.stdout.splitlines()
    assert made.startswith(home.removesuffix("/home"))
    assert bash(f"ls {home}").exit_code == 2


def test_the_journal_is_read_and_a_link_in_its_place_is_not(bash: Run) -> None:
    assert bash("echo '{\"call\": 1}' > $HARNESS_JOURNAL").journal == ({"call": 1},)
    assert bash("echo '{\"call\": 1}' > x; ln -sf $PWD/x $HARNESS_JOURNAL").journal == ()
    assert bash("rm $HARNESS_JOURNAL; mkfifo $HARNESS_JOURNAL").journal == ()


def test_a_loop_is_stopped(bash: Run) -> None:
    word = mark()
    ran = bash(f"trap '' TERM; (exec -a {word} sleep 600) & while :; do : {word}; done", timeout=0.5)
    assert (ran.exit_code, ran.stopped) == (None, "time")
    assert running(word) == []


def test_endless_output_is_stopped(bash: Run) -> None:
    ran = bash("exec yes")
    assert (ran.stopped, len(ran.stdout) < 2 * MIB) == ("output", True)


def test_processes_are_bounded(bash: Run) -> None:
    assert 128 <= int(bash("ulimit -u").stdout) < 5000


def test_a_daemon_is_told_and_ended(python: Run) -> None:
    word = mark()
    ran = python(DAEMON.replace("{})", "os.environ)"), word)
    assert ran.stdout == "started\n"
    assert ran.left_running == (f"{word} 600",)
    assert running(word) == []


def test_limits_hold(bash: Run) -> None:
    assert bash("ulimit -c; ulimit -f").stdout.split() == ["0", "262144"]


def test_what_can_not_be_run_says_so(guarded: Sandbox, ground: Path) -> None:
    ran = guarded.run([ground / "absent"], cwd=ground)
    assert (ran.exit_code, ran.stderr) == (127, f"{ground}/absent: No such file or directory\n")
    assert guarded.run([sys.executable, "-c", "import os; os.abort()"], cwd=ground).exit_code == -6
