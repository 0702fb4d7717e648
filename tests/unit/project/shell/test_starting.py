from __future__ import annotations

import pytest

from harness.project.shell.starting import has_carriage_returns, has_mark, interpreter, is_called_by_name, programs
from harness.project.source import Source
from tests.unit.project.written import project, source


@pytest.mark.parametrize(
    ("first", "program"),
    [
        ("#!/usr/bin/env python3", "python"),
        ("#! /usr/bin/python3.11 -u", "python"),
        ("#!/usr/bin/env -S python3 -u", "python"),
        ("#!/usr/bin/env bash", "shell"),
        ("#! /bin/zsh", "shell"),
        ("#!/usr/bin/env node", "node"),
        ("\ufeff#!/bin/sh", "shell"),
        ("#!/usr/bin/env python3\r", "python"),
        ("#!", None),
        ("# /bin/sh", None),
        ("\n#!/bin/sh", None),
    ],
)
def test_what_the_shebang_starts(first: str, program: str | None) -> None:
    assert interpreter(Source(path="bin/x", text=f"{first}\nx\n", language="shell")) == program


def test_marks_and_line_ends() -> None:
    windows = Source(path="bin/x", text="\ufeff#!/bin/sh\r\n", language="shell")
    assert has_mark(windows)
    assert has_carriage_returns(windows)
    assert not has_mark(Source(path="bin/x", text="#!/bin/sh\n", language="shell"))


def test_programs_are_what_people_run() -> None:
    some = project(
        source("bin/b", "#!/bin/bash\nset -e\n", "db-tool"),
        source("a.sql", "SELECT 1;", "sql-seed"),
        source("app.py", "import flask", "application"),
        source("bin/a", "#!/usr/bin/env python3\nimport boto3\n", "table-seed"),
    )
    assert [each.path for each in programs(some)] == ["bin/a", "bin/b"]


@pytest.mark.parametrize(("path", "by_name"), [("bin/ddb/seed", True), ("bin/seed.py", False), ("lib/seed", False)])
def test_which_are_called_by_their_name(path: str, by_name: bool) -> None:  # noqa: FBT001 - a column
    assert is_called_by_name(source(path, "x")) is by_name
