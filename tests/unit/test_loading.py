"""Loading what `path/to/file.py:name` names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from harness.errors import UsageError
from harness.loading import load_attribute

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])


def test_function_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def make(): return 7")
    assert load_attribute("app.py:make", tmp_path, what="target")() == 7


def test_package_may_use_relative_imports_and_is_read_anew(tmp_path: Path) -> None:
    package = tmp_path / "app"
    package.mkdir()
    (package / "__init__.py").write_text("from .part import VALUE")
    for value in (1, 22):
        (package / "part.py").write_text(f"VALUE = {value}")
        assert load_attribute("app/__init__.py:VALUE", tmp_path, what="target") == value


def test_dataclasses_of_a_loaded_file_work(tmp_path: Path) -> None:
    text = "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = 1\n"
    (tmp_path / "app.py").write_text(text)
    assert load_attribute("app.py:A", tmp_path, what="target")().x == 1


def test_own_files_shadow_no_installed_module(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('not this one')")
    (tmp_path / "app.py").write_text("import json\nVALUE = json.dumps(1)")
    assert load_attribute("app.py:VALUE", tmp_path, what="target") == "1"


@pytest.mark.parametrize("reference", ["", "app.py", "app.py:", ":make", "app:make", "app.py:make()", "app.py:a.b"])
def test_other_forms_are_refused(tmp_path: Path, reference: str) -> None:
    with pytest.raises(UsageError, match="is not of the form") as error:
        load_attribute(reference, tmp_path, what="target")
    assert "make_target" in error.value.hint


def test_missing_file_is_named_whole(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"target: there is no file .+nowhere.app\.py"):
        load_attribute("nowhere/app.py:make", tmp_path, what="target")


def test_missing_name_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def make_target(): ...")
    with pytest.raises(UsageError, match="has no 'make_targt'") as error:
        load_attribute("app.py:make_targt", tmp_path, what="target")
    assert error.value.hint == "did you mean `make_target`?"


def test_failed_import_leaves_no_module_behind(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import nothing_of_that_name")
    before = set(sys.modules)
    with pytest.raises(UsageError, match=r"app\.py, line 1"):
        load_attribute("app.py:make", tmp_path, what="target")
    assert set(sys.modules) == before
