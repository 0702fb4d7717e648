from __future__ import annotations

import pytest

from harness.project.shell.script_calls import script_calls
from tests.unit.project.written import project, source

SEED = source("bin/ddb/seed", "#!/usr/bin/env python3\nimport boto3\n")


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ("source bin/ddb/seed", "source"),
        (". $(dirname $0)/../ddb/seed", "source"),
        ("python3 -u bin/ddb/seed prod", "python"),
        ("bash -e ./bin/ddb/seed", "shell"),
        ("./bin/ddb/seed", "run"),
        ('BIN="$(cd "$(dirname "$0")/.." && pwd)"\n"$BIN/ddb/seed" || exit 1', "run"),
        ("D=$(dirname $0)\nB=$(dirname $D)\n$B/ddb/seed", "run"),
    ],
)
def test_a_script_is_found_however_it_is_started(line: str, how: str) -> None:
    [call] = script_calls(project(source("bin/db/setup", f"#!/bin/bash\n{line}\n"), SEED))
    assert (call.path, call.how) == ("bin/ddb/seed", how)


@pytest.mark.parametrize(
    "line", ["python3 -m http.server", "bash -c 'bin/ddb/seed'", "echo bin/ddb/seed", "ls -l", "seed"]
)
def test_other_commands_start_none(line: str) -> None:
    assert script_calls(project(source("bin/db/setup", f"#!/bin/bash\n{line}\n"), SEED)) == ()


def test_what_it_is_given_is_told() -> None:
    [call] = script_calls(project(source("bin/db/setup", "set -e\npython bin/ddb/seed $1 'a b'\n"), SEED))
    assert (call.arguments, str(call.place), call.command) == (
        ("$1", "a b"),
        "bin/db/setup:2",
        "python bin/ddb/seed $1 'a b'",
    )
