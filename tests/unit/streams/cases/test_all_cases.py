"""No case is without a test: each of T1 to T72 names at least one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[3]
CASES = set(range(1, 73))


def cases_in(source: str) -> set[int]:
    """Return the numbers of the cases that a module's tests are named after."""
    functions = [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return {int(found[1]) for name in functions if (found := re.match(r"test_t(\d+)(?:_|$)", name))}


def test_every_case_has_a_test() -> None:
    found = {case for path in TESTS.rglob("test_*.py") for case in cases_in(path.read_text(encoding="utf-8"))}
    assert sorted(CASES - found) == []


def test_only_whole_names_count() -> None:
    source = "def test_t01_a(): ...\ndef test_t2(): ...\ndef test_t3x(): ...\n# def test_t4_b(): ...\nclass C:\n def test_t5_c(self): ..."
    assert cases_in(source) == {1, 2, 5}
