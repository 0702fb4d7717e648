"""The house rules that a linter doesn't know."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "harness").rglob("*.py")) + sorted((ROOT / "scenarios").rglob("*.py"))
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}

#: Modules that may be longer than 250 lines, each with its reason. None may pass 400.
LONG: dict[str, str] = {}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (f"{relative(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_module_has_one_idea_and_a_name(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert path.stem not in NAMELESS
    assert lines <= (400 if relative(path) in LONG else 250)
    if lines > 1:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "says nothing of itself"


def test_long_list_names_only_long_modules() -> None:
    for name in LONG:
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) > 250


def test_functions_fit_on_a_screen() -> None:
    sizes = [size for path in MODULES for size in functions(path)]
    assert [(name, lines) for name, lines in sizes if lines > 60] == []
    assert statistics.median(lines for _, lines in sizes) <= 12


def test_the_run_can_be_read_aloud() -> None:
    sizes = dict(functions(ROOT / "harness" / "workflow.py"))
    assert sizes["harness/workflow.py:run"] <= 40


def test_exceptions_are_caught_widely_only_at_the_doors() -> None:
    wide = [
        f"{relative(path)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"except (Base)?Exception\b", line)
    ]
    assert len(wide) <= 5, wide


def test_only_named_places_sleep() -> None:
    sleeping = {relative(path) for path in MODULES if re.search(r"\btime\.sleep\b", path.read_text(encoding="utf-8"))}
    assert len(sleeping) <= 5, sleeping


def test_tests_do_not_sleep() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        if "benchmarks" not in path.parts and path != Path(__file__):
            assert "time.sleep(" not in path.read_text(encoding="utf-8"), relative(path)


def test_user_ground_stays_out_of_the_package() -> None:
    for path in (ROOT / "harness").rglob("*.py"):
        assert not re.search(
            r"^\s*(from|import) (scenarios|seeds|tests)\b", path.read_text(encoding="utf-8"), re.MULTILINE
        )
