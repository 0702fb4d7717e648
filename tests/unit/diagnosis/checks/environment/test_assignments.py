"""Assignments that are none."""

from __future__ import annotations

import pytest

from harness.diagnosis.checks.environment.assignments import assignments_stand_by_themselves
from tests.unit.diagnosis.checks.loaded_project import facts, mended, only, problems, project, source

GLUED = """\
#!/usr/bin/bash
echo "== make $1"SERVER=$(cut -d/ -f1-3 <<< "$CONNECTION_URL")
psql "${SERVER}" -c "CREATE DATABASE app;"
"""


def test_an_assignment_behind_a_text() -> None:
    problem = only(assignments_stand_by_themselves, facts(project(source("bin/db/create", GLUED, "db-tool"))))
    assert str(problem.place) == "bin/db/create:2"
    assert "nothing assigns SERVER, and line 3 does without it" in problem.cause
    assert mended(problem, GLUED) == GLUED.replace('"SERVER', '"\nSERVER')


@pytest.mark.parametrize(
    ("text", "others"),
    [
        # Each is a text that begins with the name, or a name that somebody else gives.
        (GLUED.replace('$1"SERVER', '$1"\nSERVER'), ""),
        ('docker run -e "SERVER=$1" app\necho $SERVER\n', ""),
        ("""docker run -e "SERVER=\\"x\\"" -e 'SERVER=x' app\necho $SERVER\n""", ""),
        (GLUED.replace('"${SERVER}" ', ""), ""),
        (GLUED.replace("psql", "SERVER=127.0.0.1\npsql"), ""),
        (GLUED, "SERVER=127.0.0.1\n"),
        (GLUED.replace("echo", "# echo"), ""),
    ],
)
def test_what_is_no_lost_assignment(text: str, others: str) -> None:
    where = project(source("bin/db/create", text, "db-tool"), source(".env", others, "environment"))
    assert problems(assignments_stand_by_themselves, facts(where)) == []
