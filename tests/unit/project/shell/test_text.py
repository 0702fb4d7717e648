from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.project.shell.text import assignments, commands

SCRIPT = """\
#! /usr/bin/bash
set -e
export PGPASSWORD=secret
NAME="talks"; OTHER=$(basename "$0")
if [ "$1" = "prod" ]; then
  URL=$PROD_URL
else
  URL=$CONNECTION_URL
fi
! PGUSER=ada psql "$URL" < db/seed.sql || echo "failed"
cat db/a.sql | psql $URL
psql $URL <<SQL
SELECT 1;
SQL
"""


def test_commands_have_their_lines_and_redirections() -> None:
    found = [each for each in commands(SCRIPT) if each.name in {"psql", "basename"}]
    assert [(each.name, each.line) for each in found] == [("basename", 4), ("psql", 10), ("psql", 11), ("psql", 12)]
    _, first, second, third = found
    assert (first.words, first.reads, first.environment) == (("psql", "$URL"), "db/seed.sql", (("PGUSER", "ada"),))
    assert first.text == '! PGUSER=ada psql "$URL" < db/seed.sql'
    assert second.piped_from == ("cat", "db/a.sql")
    assert third.fed == "SELECT 1;\n"


def test_assignments_are_told_whatever_branch_they_stand_in() -> None:
    found = {(each.name, each.value, each.exported) for each in assignments(SCRIPT)}
    assert ("PGPASSWORD", "secret", True) in found
    assert {("URL", "$PROD_URL", False), ("URL", "$CONNECTION_URL", False)} <= found
    assert "PGUSER" not in {name for name, _, _ in found}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("export A=1 B=2", ["A", "B"]),
        ("declare -x A=1", ["A"]),
        ("local a=1; readonly b=2", ["a", "b"]),
        ("A=1 B=2", ["A", "B"]),
        ("A=1 run", []),
        ("A+=x", ["A"]),
        ("echo A=1", []),
        ("if A=1; then B=2; fi", ["A", "B"]),
        ("export A", []),
        ("A = 1", []),
    ],
)
def test_what_an_assignment_is(text: str, names: list[str]) -> None:
    assert [each.name for each in assignments(text)] == names


def test_the_program_is_named_without_its_folder() -> None:
    [command] = commands("/usr/bin/env psql")
    assert command.name == "env"
    [command] = commands("$(which psql) -c x", nested=False)
    assert command.words == ("$(which psql)", "-c", "x")


@given(st.text(alphabet="'\"$`();|&<>{}# \nA=b", max_size=60))
def test_nothing_raises(text: str) -> None:
    commands(text)
    assignments(text)
