from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import psutil

from harness.engines import processes

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def spawn(home: Path, code: str) -> int:
    processes.spawn("dynamodb", [sys.executable, "-c", code], home=home, cwd=home, extra={})
    child = processes.recorded(home, "dynamodb")
    assert child is not None
    assert child.pid is not None
    return child.pid


SLEEPER = "import signal; print('up', flush=True); signal.pause()"
DEAF = "import signal; [signal.signal(s, signal.SIG_IGN) for s in (2, 3, 15)]; signal.pause()"


def test_process_is_stopped_by_its_record_and_mark(tmp_path: Path) -> None:
    pid = spawn(tmp_path, SLEEPER)
    assert processes.became(tmp_path, "dynamodb") is None
    assert processes.stop_all(tmp_path, data=[]) != []
    assert not psutil.pid_exists(pid)
    assert processes.became(tmp_path, "dynamodb") == f"is gone (it was pid {pid})"


def test_process_is_stopped_by_its_mark_alone(tmp_path: Path) -> None:
    pid = spawn(tmp_path, DEAF)
    (tmp_path / "dynamodb.json").unlink()
    processes.stop_all(tmp_path, data=[])
    assert not psutil.pid_exists(pid)


def test_grandchildren_are_stopped_too(tmp_path: Path) -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"
    spawn(tmp_path, code)
    processes.stop_all(tmp_path, data=[])
    assert list(processes._find(tmp_path, [])) == []


def test_other_stacks_are_left_alone(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one, other = spawn(tmp_path / "one", SLEEPER), spawn(tmp_path / "other", SLEEPER)
    try:
        processes.stop_all(tmp_path / "one", data=[])
        assert not psutil.pid_exists(one)
        assert processes.became(tmp_path / "other", "dynamodb") is None
        assert psutil.pid_exists(other)
    finally:
        processes.stop_all(tmp_path / "other", data=[])


def test_variables_that_would_change_a_service_are_not_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PGDATA", "/elsewhere")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    found = processes.environment(tmp_path, {"GATEWAY_PORT": "1"})
    assert "AWS_PROFILE" not in found
    assert "PGDATA" not in found
    assert found["LC_ALL"] == "C.UTF-8"
    assert found["GATEWAY_PORT"] == "1"
    assert found["HARNESS_STACK"] == str(tmp_path)


def test_record_half_written_is_no_process(tmp_path: Path) -> None:
    (tmp_path / "dynamodb.json").write_text('{"argv": []}')
    assert processes.became(tmp_path, "dynamodb") == "was not started to the end"
    (tmp_path / "dynamodb.json").write_text("{")
    assert processes.became(tmp_path, "dynamodb") == "was not started to the end"
