from __future__ import annotations

import ast

import pytest

from harness.project.place import Place
from harness.project.source import Source
from tests.unit.project.written import project, source


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("\n", [""]),
        ("a\r\nb\rc\n", ["a", "b", "c"]),
        ("a\x0cb\u2028c\x1dd\x85e", ["a\x0cb\u2028c\x1dd\x85e"]),
    ],
)
def test_lines_are_what_editors_count(text: str, lines: list[str]) -> None:
    assert Source(path="a.sql", text=text, language="sql").lines == lines


@pytest.mark.parametrize("text", ["x = (", "\tx\n  y", "x = '\0'", "(" * 5000, "-" * 20_000 + "1", "print 'x'"])
def test_why_python_cannot_read_it(text: str) -> None:
    broken = Source(path="a.py", text=text, language="python")
    assert broken.tree is None
    assert broken.nodes == ()
    assert broken.syntax_error is not None


def test_python_with_a_mark_and_odd_escapes_is_read() -> None:
    found = Source(path="a.py", text="\ufeffx = '\\d'\r\n", language="python")
    assert isinstance(found.tree, ast.Module)
    assert found.nodes[0] is found.tree
    assert source("a.sh", "echo").tree is None


def test_files_are_found_by_role_and_path() -> None:
    some = project(source("b.sql", "", "sql-seed"), source("a.sql", "", "sql-schema"), source("c.sql", ""))
    assert [each.path for each in some.with_role("sql-seed", "sql-schema")] == ["a.sql", "b.sql"]
    assert some.find("c.sql") is some.sources["c.sql"]
    assert some.find("d.sql") is None
    assert [str(Place(path="a")), str(Place(path="a", line=3))] == ["a", "a:3"]
