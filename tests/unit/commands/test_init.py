from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.cli import main
from harness.config import load_config
from harness.resources import template_folder

if TYPE_CHECKING:
    from pathlib import Path

WANTED = (
    "harness.toml",
    "compose.local.yml",
    "seeds/schema/dynamodb/cruddur-messages.json",
    "seeds/schema/postgres/0001_users_and_activities.sql",
    "scenarios/pattern_a.py",
    "scenarios/pattern_e.py",
    "scenarios/messaging/__init__.py",
    "scenarios/handlers/message_group_stream.py",
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_becomes_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    assert files(tmp_path) >= set(WANTED)
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in files(tmp_path))
    assert (template_folder() / "seeds/broken").is_dir()
    assert not any("broken" in name for name in files(tmp_path))
    assert (tmp_path / WANTED[2]).read_bytes() == (template_folder() / WANTED[2]).read_bytes()
    config = load_config(tmp_path, {}, {})
    assert (config.project, config.compose) == (tmp_path, tmp_path / "compose.local.yml")
    shown = capsys.readouterr().out
    assert "wrote  harness.toml" in shown
    assert "\nnext:\n  harness run " in shown


def test_another_folder_is_made_and_named_in_what_to_type_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "my chat/app"]) == 0
    assert files(tmp_path / "my chat/app") >= set(WANTED)
    assert "  cd 'my chat/app'\n" in capsys.readouterr().out


def test_nothing_is_overwritten_and_what_was_kept_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/pattern_a.py").write_text("mine", encoding="utf-8")
    (tmp_path / "harness.toml").write_text('table = "mine"\n', encoding="utf-8")
    (tmp_path / "compose.local.yml").symlink_to("elsewhere.yml")
    assert main(["init"]) == 0
    shown = capsys.readouterr().out
    for name, written in {
        "harness.toml": False,
        "scenarios/pattern_a.py": False,
        "scenarios/pattern_b.py": True,
    }.items():
        assert f"{'wrote' if written else 'kept '}  {name}\n" in shown
    assert (tmp_path / "scenarios/pattern_a.py").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "harness.toml").read_text(encoding="utf-8") == 'table = "mine"\n'
    assert not (tmp_path / "elsewhere.yml").exists()


def test_twice_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init"])
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)}
    capsys.readouterr()
    assert main(["init"]) == 0
    assert "wrote" not in capsys.readouterr().out
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)} == before


def test_a_project_configured_in_pyproject_gets_no_harness_toml(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\ntable = "cruddur-messages"\n', encoding="utf-8")
    assert main(["init"]) == 0
    assert not (tmp_path / "harness.toml").exists()
    assert "kept   pyproject.toml ([tool.harness]" in capsys.readouterr().out


@pytest.mark.parametrize(("blocked", "folder"), [("app", "app"), ("seeds", ".")])
def test_a_file_where_a_folder_must_be_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], blocked: str, folder: str
) -> None:
    (tmp_path / blocked).write_text("in the way", encoding="utf-8")
    assert main(["init", folder]) == 2
    assert f"error: {blocked} is a file" in capsys.readouterr().err
