from __future__ import annotations

import pytest

from harness.project.shell.psql_calls import psql_calls
from harness.rehearsal.psql import _options
from tests.unit.rehearsal.sources import project, source


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("psql $CONNECTION_URL cruddur < db/seed.sql", []),
        ("psql $CONNECTION_URL -v ON_ERROR_STOP=1 -f db/seed.sql", ["-v", "ON_ERROR_STOP=1"]),
        ("psql -v who=ines -v id=$ID $URL -f db/seed.sql", ["-v", "who=ines"]),
        ("psql --single-transaction $URL -f db/seed.sql", ["--single-transaction"]),
        ("psql -1 $URL -f db/seed.sql", ["--single-transaction"]),
    ],
)
def test_the_projects_own_options_are_kept(line: str, options: list[str]) -> None:
    some = project(
        source("db/seed.sql", "SELECT 1;", "sql-seed"), source("bin/db/seed", f"#!/bin/bash\nset -e\n{line}\n")
    )
    (call,) = psql_calls(some)
    assert call.files == ("db/seed.sql",)
    assert _options(call) == options


def test_without_a_call_there_are_none() -> None:
    assert _options(None) == []
