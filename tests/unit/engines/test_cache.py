from __future__ import annotations

import pwd
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from harness.engines.cache import cache_folder, enterable, make_once

if TYPE_CHECKING:
    from pathlib import Path


def test_make_once_makes_once(tmp_path: Path) -> None:
    made = []

    def make(scratch: Path) -> None:
        made.append(scratch)
        scratch.mkdir()
        (scratch / "file").write_text("x")

    assert make_once(tmp_path, "thing", make) == make_once(tmp_path, "thing", make) == tmp_path / "thing"
    assert len(made) == 1
    assert (tmp_path / "thing" / "file").read_text() == "x"


def test_make_once_with_two_at_once_makes_once(tmp_path: Path) -> None:
    made = []
    both = threading.Barrier(2)

    def make(scratch: Path) -> None:
        made.append(scratch)
        scratch.mkdir()

    def use(_: int) -> Path:
        both.wait()
        return make_once(tmp_path, "thing", make)

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(use, range(2))) == {tmp_path / "thing"}
    assert len(made) == 1


def test_make_once_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(scratch: Path) -> None:
        scratch.mkdir()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        make_once(tmp_path, "thing", fail)
    assert list(tmp_path.iterdir()) == []


def test_make_once_clears_what_a_killed_maker_left(tmp_path: Path) -> None:
    (tmp_path / "making-dead").mkdir()
    make_once(tmp_path, "thing", lambda scratch: scratch.mkdir())
    assert [path.name for path in tmp_path.iterdir()] == ["thing"]


def test_cache_folder_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder(None) == tmp_path / "access-pattern-harness"


def test_cache_folder_that_others_can_write_to_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    open_to_all = tmp_path / "xdg" / "access-pattern-harness"
    open_to_all.mkdir(parents=True)
    open_to_all.chmod(0o777)
    assert cache_folder(None) == tmp_path / "home" / ".cache" / "access-pattern-harness"


def test_enterable_needs_every_folder_above(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    inner = tmp_path / "closed" / "open"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    assert not enterable(inner, nobody)
    assert enterable(inner, None)
