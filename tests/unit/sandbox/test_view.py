"""What is shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from harness.errors import EnvironmentFailure
from harness.sandbox.inside.order import Bind
from harness.sandbox.view import binds, search_path

if TYPE_CHECKING:
    from pathlib import Path


def shown(*folders: Path, programs: tuple[Path, ...] = (), ground: Path) -> dict[str, bool]:
    return {bind.target: bind.writable for bind in binds(ground, folders, programs)}


def test_only_the_ground_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "ground").mkdir()
    (tmp_path / "shown").mkdir()
    told = shown(tmp_path / "shown", ground=tmp_path / "ground")
    assert told[str(tmp_path / "ground")] is True
    assert told[str(tmp_path / "shown")] is False
    assert [path for path, writable in told.items() if writable] == [str(tmp_path.resolve() / "ground")]


def test_our_own_python_is_shown(tmp_path: Path) -> None:
    assert all(prefix in shown(ground=tmp_path) or prefix.startswith(("/usr", "/opt")) for prefix in (sys.prefix,))


def test_a_link_is_shown_with_its_target(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "ground").mkdir()
    told = binds(tmp_path / "ground", [tmp_path / "link"], ())
    real = str((tmp_path / "real").resolve())
    assert Bind(source=real, target=str(tmp_path / "link")) in told
    assert Bind(source=real, target=real) in told


def test_programs_of_an_environment_bring_it_along_with_its_python(tmp_path: Path) -> None:
    for folder in ("venv/bin", "python/3.11/bin", "ground"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "venv" / "pyvenv.cfg").write_text(f"home = {tmp_path}/python/3.11/bin\nversion = 3.11\n")
    told = shown(programs=(tmp_path / "venv" / "bin",), ground=tmp_path / "ground")
    assert {str(tmp_path / name) for name in ("venv", "venv/bin", "python/3.11")} <= set(told)


def test_system_folders_are_shown_anyway(tmp_path: Path) -> None:
    assert not any(path.startswith("/usr") for path in shown(tmp_path.__class__("/usr/bin"), ground=tmp_path))


def test_what_is_not_there_can_not_be_shown(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="absent, which does not exist") as caught:
        binds(tmp_path, [tmp_path / "absent"], ())
    assert caught.value.hint


def test_programs_come_first_and_our_own_python_last(tmp_path: Path) -> None:
    first, *rest, last = search_path([tmp_path / "bin"]).split(":")
    assert first == str(tmp_path / "bin")
    assert "/usr/bin" in rest
    assert last == sys.executable.rpartition("/")[0]
