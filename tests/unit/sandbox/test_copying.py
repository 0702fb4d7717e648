"""What is copied of a project, and what isn't."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.sandbox import copying
from harness.sandbox.copying import copy_project


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name, text in {
        "bin/db/setup": "#!/usr/bin/bash\r\n",
        "backend-flask/db/seed.sql": "INSERT",
        "backend-flask/.env": "A=b",
        "frontend/node_modules/react/index.js": "big",
        ".git/HEAD": "ref",
        "own-env/pyvenv.cfg": "home = /usr/bin",
        "own-env/bin/python": "",
        "lib/__pycache__/db.pyc": "",
        "with blank/\u00e9.txt": "x",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, newline="")
    (folder / "bin/db/setup").chmod(0o4755)
    (folder / "backend-flask/db/seed.sql").chmod(0o444)
    os.utime(folder / "bin/db/setup", ns=(1_000, 2_000))
    return folder


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return all that a program could have changed."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def test_what_matters_is_copied(source: Path, tmp_path: Path) -> None:
    before = tree(source)
    left_out = copy_project(source, tmp_path / "ground")
    assert tree(source) == before
    assert [str(path) for path in left_out] == [".git", "frontend/node_modules", "lib/__pycache__", "own-env"]
    copied = tree(tmp_path / "ground")
    assert copied["bin/db/setup"] == (stat.S_IFREG | 0o755, 2_000, b"#!/usr/bin/bash\r\n")
    assert copied["backend-flask/db/seed.sql"][0] == stat.S_IFREG | 0o644
    expected = {name for name in before if not name.startswith(tuple(map(str, left_out)))}
    assert set(copied) == expected
    assert {copied[name][1] for name in ("bin", "backend-flask/db")} == {
        before["bin"][1],
        before["backend-flask/db"][1],
    }


def test_no_link_leads_out(source: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    links = {
        "inside": "bin/db/setup",
        "absolute": str(source / "bin" / "db"),
        "round/about": f"../../{source.name}/bin",
        "out": "../precious",
        "away": "/etc/passwd",
        "chained": "out",
        "ring": "ring",
        "dangling": "bin/absent",
        "top": ".",
    }
    (source / "round").mkdir()
    for name, target in links.items():
        (source / name).symlink_to(target)
    left_out = copy_project(source, tmp_path / "ground")
    assert {str(path) for path in left_out} >= {"out", "away", "chained", "ring"}
    ground = tmp_path / "ground"
    assert (ground / "absolute" / "setup").resolve() == ground.resolve() / "bin" / "db" / "setup"
    assert (ground / "round" / "about").resolve() == ground.resolve() / "bin"
    assert (ground / "top").resolve() == ground.resolve()
    for path in ground.rglob("*"):
        assert path.resolve().is_relative_to(ground.resolve())
        assert not path.is_symlink() or not path.readlink().is_absolute()


def test_what_is_no_file_is_left_out(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(source / "fifo")
    monkeypatch.chdir(source)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        left_out = copy_project(source, tmp_path / "ground")
    assert {Path("fifo"), Path("socket")} <= set(left_out)


def test_large_files_are_left_out(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "LARGEST_FILE", 1000)
    monkeypatch.setattr(copying, "LARGEST_PROJECT", 1500)
    (source / "one.png").write_bytes(b"x" * 1001)
    (source / "two.png").write_bytes(b"x" * 900)
    (source / "three.png").write_bytes(b"x" * 800)
    left_out = copy_project(source, tmp_path / "ground")
    assert {Path("one.png"), Path("two.png")} <= set(left_out)
    assert (tmp_path / "ground" / "three.png").exists()


def test_folders_that_are_not_fit_are_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    for wrong_source, ground, word in [
        (source / "absent", tmp_path / "ground", "is no folder"),
        (source, source / "ground", "lie one in the other"),
        (source, source, "lie one in the other"),
        (source, tmp_path, "lie one in the other"),
        (source, tmp_path / "full", "is not an empty folder"),
        (source, tmp_path / "full" / "x", "is not an empty folder"),
    ]:
        with pytest.raises(UsageError, match=word):
            copy_project(wrong_source, ground)


def test_an_empty_folder_will_do(source: Path, tmp_path: Path) -> None:
    (tmp_path / "ground").mkdir()
    copy_project(source, tmp_path / "ground")
    assert (tmp_path / "ground" / "bin").is_dir()
