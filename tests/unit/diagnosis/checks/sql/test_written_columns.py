from __future__ import annotations

import pytest

from harness.diagnosis.checks.sql.written_columns import written_columns_are_there
from tests.unit.diagnosis.checks.loaded_project import facts, only, problems, project, source

SCHEMA = 'CREATE TABLE public.users (\n  uuid UUID,\n  handle text,\n  "email" text,\n  cognito_user_uuid text\n);\n'
POST = '''\
import psycopg2
sql = f"""
    INSERT INTO public.users (
        handle,
        {column}
    )
    VALUES ('{{handle}}', %s)
"""
'''


def test_a_column_that_the_schema_calls_otherwise() -> None:
    post = source("aws/lambdas/post.py", POST.format(column="cognito_user_id"), "lambda")
    sync = source(
        "bin/users",
        '#!/usr/bin/env python3\nq = "UPDATE users SET cognito_user_id = %(sub)s WHERE handle = %(h)s"\n',
        "users-tool",
    )
    problem = only(written_columns_are_there, facts(project(post, sync, schema=SCHEMA)))
    assert problem.cause.startswith(
        "aws/lambdas/post.py:5 and bin/users:2 write 'cognito_user_id' into users, which has"
    )
    assert problem.advice == "Write 'cognito_user_uuid' in place of 'cognito_user_id', here or in the schema."


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("aws/lambdas/post.py", POST.format(column="cognito_user_uuid")),
        ("aws/lambdas/post.py", POST.format(column="Email")),
        ("aws/lambdas/post.py", "# INSERT INTO users (nothing) VALUES (1)\n"),
        ("aws/lambdas/post.py", "'INSERT INTO users (' + names + ') VALUES (%s)'\n'INSERT INTO other (nothing) VALUES (1)'\n"),
        ("aws/lambdas/post.py", "say('insert into users (that is the table) values')\n"),
        ("backend/notes.txt", "INSERT INTO users (nothing) VALUES (1)\n"),
        ("backend/db/sql/add.sql", "INSERT INTO users (handle)\nSELECT handle FROM other;\n-- UPDATE users SET nothing = 1\n"),
    ],
)  # fmt: skip
def test_other_statements_are_none_of_its_business(path: str, text: str) -> None:
    some = source(path, text, "sql-query" if path.endswith(".sql") else "lambda")
    assert problems(written_columns_are_there, facts(project(some, schema=SCHEMA))) == []


@pytest.mark.parametrize(
    "migration",
    [
        "sql = 'ALTER TABLE public.users ADD COLUMN bio text'\n",
        "sql = 'ALTER TABLE users ADD IF NOT EXISTS bio text'\n",
        "sql = 'ALTER TABLE users RENAME COLUMN about TO bio'\n",
    ],
)
def test_a_column_that_a_migration_brings_is_there(migration: str) -> None:
    update = source("backend/db/sql/update.sql", "UPDATE public.users SET\n  bio = %(bio)s\n", "sql-query")
    assert len(problems(written_columns_are_there, facts(project(update, schema=SCHEMA)))) == 1
    added = source("backend/db/migrations/1_add.py", migration)
    assert problems(written_columns_are_there, facts(project(update, added, schema=SCHEMA))) == []
