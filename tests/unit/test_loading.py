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


@pytest.mark.parametrize("reference", ["", "app.py", "app.py:", ":make", "a-b:make", "app.py:make()", "app.py:a.b"])
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


def test_module_of_the_project_is_imported_by_name_with_its_neighbours(tmp_path: Path) -> None:
    package = tmp_path / "app" / "lib"
    package.mkdir(parents=True)
    (package / "values.py").write_text("VALUE = 7")
    (package / "ddb.py").write_text("from lib.values import VALUE\nfrom . import values")
    assert load_attribute("app/lib.ddb:VALUE", tmp_path, what="target") == 7
    assert load_attribute("lib.ddb:VALUE", tmp_path / "app", what="target") == 7


def test_another_projects_module_of_the_same_name_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sys.path[:]
    for value in (1, 2):
        monkeypatch.setattr(sys, "path", path[:])
        home = tmp_path / str(value)
        (home / "lib").mkdir(parents=True)
        (home / "lib" / "__init__.py").write_text("")
        (home / "lib" / "ddb.py").write_text(f"VALUE = {value}")
        assert load_attribute("lib.ddb:VALUE", home, what="target") == value


def test_installed_module_may_be_named(tmp_path: Path) -> None:
    assert load_attribute("json.decoder:JSONDecoder", tmp_path, what="target")().decode("1") == 1


@pytest.mark.parametrize(
    ("text", "reference", "said"),
    [
        (None, "nowhere.module:name", "there is no module 'nowhere.module'. Looked for:\n  - .*nowhere/module.py"),
        (None, "shop.nowhere:name", "there is no module 'shop.nowhere'"),
        ("import nowhere_at_all", "shop.ddb:name", "does not import\n  .*ddb.py, line 1: import nowhere_at_all"),
        ("def make(): ...", "shop.ddb:mak", "has no 'mak'"),
    ],
)
def test_module_that_can_not_be_loaded_is_told(tmp_path: Path, text: str | None, reference: str, said: str) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    if text is not None:
        (tmp_path / "shop" / "ddb.py").write_text(text)
    with pytest.raises(UsageError, match=said) as error:
        load_attribute(reference, tmp_path, what="target")
    assert error.value.hint


def test_module_that_another_one_hides_is_told(tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "decoder.py").write_text("VALUE = 1")
    with pytest.raises(UsageError, match="another module of its name was there before") as error:
        load_attribute("json.decoder:VALUE", tmp_path, what="target")
    assert "by its path" in error.value.hint
