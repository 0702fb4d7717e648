from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.project.recognition.languages import language_of

PYTHON = "import boto3\n\nfor each in range(3):\n    print(each)\n"
SHELL = 'set -e\nif [ "$1" = prod ]; then\n  psql $URL\nfi\n'


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("bin/seed", f"#!/usr/bin/env python3\n{PYTHON}", "python"),
        ("bin/seed", PYTHON, "python"),
        ("bin/seed.sh", PYTHON, "python"),
        ("bin/seed.sh", f"#!/bin/bash\n{PYTHON}", "python"),
        ("bin/seed.py", SHELL, "shell"),
        ("bin/seed", f"#! /usr/bin/bash\n{SHELL}", "shell"),
        ("bin/seed", SHELL, "shell"),
        ("bin/seed", f"\ufeff#!/bin/sh\n{SHELL}", "shell"),
        ("bin/seed", PYTHON.replace("range(3)", "range(3"), "python"),
        ("bin/seed.sh", "#!/bin/bash\npython3 - <<EOF\nimport boto3\nprint(1)\nEOF\nexit 0\n", "shell"),
        ("db/seed", "-- people\n\\echo hi\n/* a */\nINSERT INTO a VALUES (1);\n", "sql"),
        ("db/seed.sql", PYTHON, "sql"),
        ("bin/run", "#!/usr/bin/env node\nprint(1)\n", "text"),
        ("bin/run", "#!/usr/bin/perl\nprint 1\n", "text"),
        ("LICENSE", "Permission is hereby granted\n", "text"),
        ("notes.txt", "import boto3\n", "text"),
        ("run.txt", f"#!/usr/bin/env python3\n{PYTHON}", "python"),
        ("a.js", PYTHON, "text"),
        ("a.YML", "a: b", "yaml"),
        ("backend/.env", "A=b", "dotenv"),
        (".env.example", "A=b", "dotenv"),
        ("backend.env", "A=b", "dotenv"),
        (".envrc", "export A=b", "dotenv"),
        ("environment", "", "text"),
        ("empty.py", "", "python"),
        ("x.toml", "", "toml"),
    ],
)
def test_what_stands_in_it_counts_for_more_than_the_name(path: str, text: str, language: str) -> None:
    assert language_of(path, text) == language


@pytest.mark.parametrize(
    "text", ["/* a */\n" * 20_000, "-- a\n" * 20_000, "\n" * 200_000, "(" * 50_000, "\\a\n" * 20_000]
)
def test_long_files_take_no_long_time(text: str) -> None:
    assert language_of("odd", text) == "text"


@given(st.text(max_size=80), st.sampled_from(["a", "a.py", "a.sh", "a.sql", ".env"]))
def test_any_text_has_a_language(text: str, path: str) -> None:
    language_of(path, text)
