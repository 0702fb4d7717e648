"""The application's queries and its scripts around the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.checks.sql.parameters import parameters_are_one_argument
from harness.diagnosis.checks.sql.queries import (
    empty_answers_are_returned,
    errors_are_read_as_psycopg_3_has_them,
    no_row_is_expected,
    pasted_queries_have_no_semicolon,
)
from harness.diagnosis.checks.sql.scripts import database_is_cut_off_the_url_alone, drop_closes_sessions
from tests.unit.diagnosis.checks.loaded_project import facts, mended, only, problems, project, source

if TYPE_CHECKING:
    from harness.diagnosis.check import Check
    from harness.project.source import Project, Source


LIBRARY = """\
from psycopg_pool import ConnectionPool

class Database:
    def show(self, *names):
        return open(names[-1]).read()
    def array(self, sql):
        return f"(SELECT json_agg(row_to_json(r)) FROM (\\n{sql}\\n) r)"
    def query_array(self, sql, params={}):
        with self.pool.connection() as conn:
            row = conn.execute(self.array(sql), params).fetchone()
            return row[0]
    def query_object(self, sql, params={}):
        wrapped = "(SELECT row_to_json(r) FROM (" + sql + ") r)"
        row = conn.execute(wrapped, params).fetchone()
        if row is None:
            return "{}"
        else:
            return row[0]
    def commit(self, sql):
        try:
            conn.execute(sql)
        except Exception as err:
            print(err.diag.message_primary)
"""
SERVICE = """\
from lib.db import db
def run(handle):
    sql = db.template('users', 'show')
    return db.query_object(sql, {'handle': handle})
def save():
    db.commit(db.template('users', 'save'))
"""
SHOW = source("db/sql/users/show.sql", "SELECT handle\nFROM users\nWHERE handle = %(handle)s\n", "sql-query")
SAVE = source("db/sql/users/save.sql", "UPDATE users SET handle = 'x';\n", "sql-query")


def application(library: str = LIBRARY, *others: Source, service: str = SERVICE) -> Project:
    return project(
        source("lib/db.py", library, "db-library"),
        source("services/users.py", service, "application"),
        *others,
    )


CHECKS = [
    pasted_queries_have_no_semicolon, no_row_is_expected, empty_answers_are_returned,
    errors_are_read_as_psycopg_3_has_them, database_is_cut_off_the_url_alone, drop_closes_sessions,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_a_sound_application_has_no_problem(check: Check) -> None:
    where = application(LIBRARY, SHOW, SAVE)
    assert problems(check, facts(where)) == []
    assert problems(check, facts()) == []


@pytest.mark.parametrize("ending", [";\n", ";", ";  \n-- the end\n", " ;\n\n"])
def test_a_semicolon_in_a_pasted_template(ending: str) -> None:
    text = SHOW.text.rstrip("\n") + ending
    where = application(LIBRARY, source(SHOW.path, text, "sql-query"), SAVE)
    problem = only(pasted_queries_have_no_semicolon, facts(where))
    assert str(problem.place) == "db/sql/users/show.sql:3"
    assert "query_object(), called in services/users.py:4" in problem.cause


def test_a_semicolon_in_a_pasted_text() -> None:
    service = SERVICE.replace("db.template('users', 'show')", '"SELECT handle FROM users;"')
    problem = only(pasted_queries_have_no_semicolon, facts(application(LIBRARY, SAVE, service=service)))
    assert str(problem.place) == "services/users.py:3"


def test_a_row_that_nobody_looks_at() -> None:
    library = LIBRARY + "    def query_value(self, sql):\n        return conn.execute(sql).fetchone()[0]\n"
    problem = only(no_row_is_expected, facts(application(library)))
    assert problem.cause.startswith("query_value() takes column 0")
    guarded = library.replace(
        "return conn.execute(sql).fetchone()[0]", "r = conn.execute(sql).fetchone(); return r[0] if r else None"
    )
    assert problems(no_row_is_expected, facts(application(guarded))) == []
    tried = (
        library.replace("return conn", "try:\n            return conn")
        + "        except TypeError:\n            return None\n"
    )
    assert problems(no_row_is_expected, facts(application(tried))) == []


def test_an_answer_that_is_not_returned() -> None:
    library = LIBRARY.replace('            return "{}"', '            "{}"')
    problem = only(empty_answers_are_returned, facts(application(library)))
    assert mended(problem, library) == LIBRARY


def test_names_of_psycopg_2() -> None:
    library = LIBRARY.replace("err.diag.message_primary", "err.pgerror")
    problem = only(errors_are_read_as_psycopg_3_has_them, facts(application(library)))
    assert mended(problem, library) == LIBRARY
    older = library.replace("from psycopg_pool import ConnectionPool", "import psycopg2")
    assert problems(errors_are_read_as_psycopg_3_has_them, facts(application(older))) == []


CREATE = """#!/usr/bin/bash
NO_DB=$(sed 's/\\/app//g' <<< "$CONNECTION_URL")
psql $NO_DB -c "create database app"
"""


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("postgresql://approot:secret@127.0.0.1:5432/app", 1),
        ("postgresql://postgres:secret@127.0.0.1:5432/app", 0),
        ("postgresql://postgres:secret@db.example/app?sslmode=require", 0),
        ("postgresql://postgres:secret@127.0.0.1:5432/other", 0),
    ],
)
def test_sed_that_eats_the_user(url: str, count: int) -> None:
    where = project(
        source("bin/db/create", CREATE, "db-tool"),
        source("bin/db/again", CREATE, "db-tool"),
        source(".env", f"CONNECTION_URL='{url}'\n", "environment"),
    )
    found = problems(database_is_cut_off_the_url_alone, facts(where))
    assert len(found) == count
    assert all("postgresql:/root" in each.cause and "secret" not in each.cause for each in found)


def test_a_drop_that_sessions_block() -> None:
    text = "#!/usr/bin/bash\npsql $URL -c 'DROP DATABASE IF EXISTS app;'\n"
    assert len(problems(drop_closes_sessions, facts(project(source("bin/db/drop", text, "db-tool"))))) == 1
    forced = text.replace("app;", "app WITH (FORCE);")
    assert problems(drop_closes_sessions, facts(project(source("bin/db/drop", forced, "db-tool")))) == []
    closes = source("bin/db/kill-all", "#!/usr/bin/bash\npsql -c 'select pg_terminate_backend(pid)'\n", "db-tool")
    assert problems(drop_closes_sessions, facts(project(source("bin/db/drop", text, "db-tool"), closes))) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("import psycopg2\ncur.execute(sql, *params)\n", 1),
        ("import psycopg2\ncur.execute(sql, params)\n", 0),
        ("import psycopg2\ncur.execute(*query)\n", 0),
        ("import psycopg\ndef run(self, sql, *more, **named):\n    return super().execute(sql, *more, **named)\n", 0),
        ("import psycopg\ndef run(self, sql, *more):\n    return self.cursor.execute(sql, *more)\n", 0),
        ("import psycopg2\ncur = conn.cursor()\ncur.execute(sql, name, email)\n", 1),
        ("import psycopg2\ndb = Db()\ndb.execute(sql, name, email)\n", 0),
        ("import psycopg\nwith conn.cursor() as cur:\n    cur.execute(sql, [name, email])\n", 0),
        ("import asyncpg\nawait_ = conn.execute(sql, *params)\n", 0),
    ],
)
def test_parameters_of_a_query_by_themselves(text: str, count: int) -> None:
    where = project(source("aws/lambdas/post.py", text, "lambda"))
    assert len(problems(parameters_are_one_argument, facts(where))) == count


def test_a_list_is_put_around_parameters() -> None:
    text = "import psycopg\nwith conn.cursor() as cur:\n    cur.execute('é %s %s', user['name'], email)\n"
    problem = only(parameters_are_one_argument, facts(project(source("aws/lambdas/post.py", text, "lambda"))))
    assert mended(problem, text).splitlines()[-1] == "    cur.execute('é %s %s', [user['name'], email])"
