"""Every run ends, with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.engines.readiness import wait_until
from harness.sandbox import sandbox as module
from harness.sandbox.inside.order import MIB, Limits
from tests.integration.sandbox.outside import mark, running

if TYPE_CHECKING:
    from tests.integration.sandbox.conftest import Run

ROOT = Path(__file__).parents[3]
DAEMON = """
import os, signal, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in 1, 2, 15:
            signal.signal(number, signal.SIG_IGN)
        os.close(1), os.close(2)
        os.execvpe("sleep", [sys.argv[1], "600"], {})
    os._exit(0)
os.wait()
print("started")
"""
HARNESS = """
import sys
from pathlib import Path
from harness.sandbox.model import Doors
from harness.sandbox.sandbox import Sandbox
ground = Path(sys.argv[1])
with Sandbox(ground, Doors(ports={})) as sandbox:
    print(sandbox.isolation.kind, flush=True)
    sandbox.run(["bash", "-c", f"exec -a {sys.argv[2]}-inside sleep 600"], cwd=ground, timeout=600)
"""


def gone(word: str) -> None:
    if left := running(word):
        raise OSError(str(left))


def there(word: str) -> None:
    if not running(word):
        raise OSError("not yet")


patiently = partial(wait_until, "the sandbox", timeout=10, alive=lambda: None, logs=lambda: "")


def test_a_daemon_is_told_and_ended(python: Run) -> None:
    word = mark()
    ran = python(DAEMON, word)
    assert ran.stdout == "started\n"
    assert ran.left_running == (f"{word} 600",)
    assert running(word) == []


def test_who_ends_in_a_moment_is_not_left_running(bash: Run) -> None:
    ran = bash("echo one > >(sleep 0.05; cat); exit 3")
    assert (ran.stdout, ran.exit_code, ran.left_running) == ("one\n", 3, ())


def test_a_loop_is_stopped(bash: Run) -> None:
    word = mark()
    ran = bash(f"trap '' TERM INT HUP; echo at it; while :; do : {word}; done", timeout=0.7)
    assert (ran.exit_code, ran.stopped, ran.stdout) == (None, "time", "at it\n")
    assert 0.5 < ran.seconds < 3
    assert len(ran.left_running) == 1
    assert running(word) == []


def test_waiting_for_input_ends_at_once(bash: Run) -> None:
    assert bash("read answer; echo $?").stdout == "1\n"


def test_endless_output_is_stopped_and_cut(bash: Run) -> None:
    ran = bash("echo first; exec yes again")
    assert (ran.exit_code, ran.stopped) == (None, "output")
    assert ran.stdout.startswith("first\nagain\n")
    assert "bytes cut" in ran.stdout
    assert len(ran.stdout) < 2 * MIB


def test_much_output_is_cut_in_the_middle(python: Run) -> None:
    ran = python("import sys; sys.stderr.write('start ' + 'x' * 3_000_000 + ' the error'); sys.exit(4)")
    assert (ran.exit_code, ran.stopped) == (4, None)
    assert ran.stderr.startswith("start x")
    assert ran.stderr.endswith("x the error")
    assert "bytes cut" in ran.stderr


def test_a_huge_file_is_refused(python: Run, ground: Path) -> None:
    ran = python("""
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
open("huge", "wb").truncate(10 * 2**30)
""")
    assert "File too large" in ran.stderr
    assert (ground / "huge").stat().st_size == 0


def test_the_kernel_ends_who_writes_a_huge_file(bash: Run) -> None:
    assert bash("exec truncate -s 10G huge").exit_code == -signal.SIGXFSZ


def test_private_space_is_bounded(bash: Run) -> None:
    ran = bash("for part in 1 2 3; do head -c 200M /dev/zero > /tmp/$part || exit 9; done")
    assert ran.exit_code == 9
    assert "No space left" in ran.stderr


def test_filling_the_disk_is_stopped(bash: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Limits", lambda: Limits(ground=20 * MIB))
    ran = bash("for ((part=0; ; part++)); do head -c 5M /dev/zero > part-$part; done", timeout=20)
    assert (ran.exit_code, ran.stopped) == (None, "output")


def test_taking_all_memory_is_stopped(python: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Limits", lambda: Limits(memory=200 * MIB))
    ran = python("import signal; held = b'x' * (300 * 2**20); signal.pause()", timeout=20)
    assert (ran.exit_code, ran.stopped) == (None, "memory")


def test_one_process_can_not_map_everything(python: Run) -> None:
    assert "MemoryError" in python("bytearray(20 * 2**30)").stderr


def test_a_fork_bomb_is_bounded(python: Run) -> None:
    word = mark()
    ran = python(
        """
import os, signal
count = 0
try:
    while True:
        if os.fork() == 0:
            signal.pause()
        count += 1
except BlockingIOError:
    print(count, flush=True)
    os.abort()
""",
        word,
        timeout=20,
    )
    assert 50 < int(ran.stdout) <= 128
    assert ran.exit_code == -signal.SIGABRT
    assert len(ran.left_running) == 20, "no more are told"
    assert running(word) == []


def test_a_wild_fork_bomb_is_ended(bash: Run) -> None:
    word = mark()
    ran = bash(f"bomb() {{ bomb {word} | bomb & }}; bomb; sleep 600", timeout=1.5)
    assert ran.exit_code is None
    assert ran.stopped in {"time", "memory"}
    assert ran.seconds < 6
    assert running(word) == []


def test_nothing_outlives_a_harness_that_was_killed(ground: Path) -> None:
    word = mark()
    env = os.environ | {"TMPDIR": str(ground.parent)}
    with subprocess.Popen(
        [sys.executable, "-c", HARNESS, str(ground), word], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=env
    ) as harness:
        assert harness.stdout is not None
        if harness.stdout.readline() == "namespaces\n":
            patiently(lambda: there(f"{word}-inside"))
            os.kill(harness.pid, signal.SIGKILL)
            harness.wait()
            patiently(lambda: gone(f"{word}-inside"))
        else:
            harness.kill()
            pytest.skip("no namespaces")


@pytest.mark.parametrize("timeout", [0, -1])
def test_no_time_is_no_time(bash: Run, timeout: float) -> None:
    assert bash("sleep 600", timeout=timeout).stopped == "time"
