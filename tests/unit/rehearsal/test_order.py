from __future__ import annotations

import pytest

from harness.project.shell.psql_calls import psql_calls
from harness.rehearsal.order import order_of, users_folder, without_psql, without_walls
from tests.unit.rehearsal.sources import project, source

PROJECT = project(
    source("db/schema.sql", "CREATE TABLE t (a int);", "sql-schema"),
    source("db/a.sql", "INSERT INTO t VALUES (1);", "sql-seed"),
    source("db/b.sql", "INSERT INTO t VALUES (2);", "sql-seed"),
    source("bin/db/seed", '#!/bin/bash\npsql "$CONNECTION_URL" < db/b.sql\npsql "$CONNECTION_URL" < db/a.sql\n'),
    source("bin/ddb/seed", "#!/usr/bin/env python3\nimport boto3\n", "table-seed"),
    source("bin/ddb/patterns/get", "#!/usr/bin/env bash\necho\necho\n", "pattern-messages"),
    source("aws/stream.py", "def handler(event, context): pass\n", "stream-handler"),
)


def test_files_for_psql_stand_in_the_order_of_the_calls() -> None:
    order = order_of(PROJECT, psql_calls(PROJECT))
    assert [file.source.path for file in order.seeds] == ["db/b.sql", "db/a.sql"]
    assert order.seeds[0].call is not None
    assert order.seeds[0].call.place.line == 2
    assert [(file.source.path, file.call) for file in order.schemas] == [("db/schema.sql", None)]
    assert [each.path for each in order.handlers] == ["aws/stream.py"]


def test_what_is_not_there_is_told() -> None:
    assert [each.what for each in order_of(PROJECT, ()).not_done] == ["the schema of the table"]
    assert [each.what for each in order_of(project(), ()).not_done] == [
        "the schema of Postgres",
        "the seed of Postgres",
        "the schema of the table",
        "the seed of the table",
    ]


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("backend-flask/bin/ddb/seed", "backend-flask"),
        ("bin/ddb/seed", "."),
        ("backend/scripts/seed.py", "backend"),
        ("seed.py", "."),
        ("ddb/seed.py", "ddb"),
    ],
)
def test_users_stand_where_bin_lies(path: str, folder: str) -> None:
    assert users_folder(path) == folder


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("\\echo hello", True),
        ("\\set who `whoami`", False),
        ("\\! rm -rf /", False),
        ("\\c postgresql://db.example.org/x", False),
        ("\\i other.sql", False),
        ("\\copy t from program 'curl example.org'", False),
        ("SELECT 1;", True),
    ],
)
def test_without_walls_psql_starts_nothing(line: str, *, runs: bool) -> None:
    some = project(source("db/seed.sql", f"SELECT 2;\n{line}\n", "sql-seed"))
    order = without_walls(order_of(some, ()))
    assert bool(order.seeds) is runs
    assert ("db/seed.sql" in {each.what for each in order.not_done}) is not runs


def test_without_walls_no_shell_runs() -> None:
    order = without_walls(order_of(PROJECT, ()))
    assert order.patterns == ()
    assert [each.path for each in order.table_seeds] == ["bin/ddb/seed"]
    assert "bin/ddb/patterns/get" in {each.what for each in order.not_done}


def test_without_psql_no_sql_file_runs() -> None:
    order = without_psql(order_of(PROJECT, ()))
    assert (order.schemas, order.seeds) == ((), ())
    assert {"db/schema.sql", "db/a.sql", "db/b.sql"} <= {each.what for each in order.not_done}
