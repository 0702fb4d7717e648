"""Queries in files of their own: their parameters, their names, their commas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.checks.environment.unexplained import scripts_end_without_an_error
from harness.diagnosis.checks.sql.templates import (
    loaded_queries_are_there,
    no_list_ends_with_a_comma,
    queries_get_their_parameters,
)
from harness.project.source import Project
from tests.unit.diagnosis.checks.loaded_project import facts, mended, only, problems, project, ran, source

if TYPE_CHECKING:
    from harness.diagnosis.check import Check

LIBRARY = """\
class Database:
    def read(self, *names):
        return open("/".join(("db/sql", *names)) + ".sql").read()
    def row(self, sql, params):
        return connection.execute(sql, params).fetchone()
"""
SERVICE = """\
def run(handle, text):
    sql = db.read('posts', 'add')
    return db.row(sql, {'handle': handle, 'text': text})
"""
ADD = "INSERT INTO posts (text, by)\nVALUES (%(text)s, %(handle)s) -- 100 %% of it\n"
ADD_PATH, TOOL = "db/sql/posts/add.sql", "bin/db/post"


def application(service: str = SERVICE, query: str = ADD, path: str = ADD_PATH) -> Project:
    return project(
        source("lib/db.py", LIBRARY, "db-library"),
        source("services/posts.py", service, "application"),
        source(path, query, "sql-query"),
    )


@pytest.mark.parametrize(
    "check",
    [queries_get_their_parameters, loaded_queries_are_there, no_list_ends_with_a_comma],
    ids=lambda each: each.code,
)
def test_a_sound_query_has_no_problem(check: Check) -> None:
    assert problems(check, facts(application())) == []
    assert problems(check, facts()) == []


def test_a_parameter_that_nobody_hands_over() -> None:
    problem = only(queries_get_their_parameters, facts(application(query=ADD.replace("(handle)", "(author)"))))
    assert str(problem.place) == "services/posts.py:3"
    assert "asks for author, and services/posts.py:3 hands over handle and text" in problem.cause


@pytest.mark.parametrize(
    "service",
    [
        SERVICE.replace("{'handle': handle, 'text': text}", "{'text': text, **more}"),
        SERVICE.replace("{'handle': handle, 'text': text}", "params"),
        # Which of the two it is can't be told.
        SERVICE.replace("    return", "    if not text:\n        sql = db.read('posts', 'none')\n    return"),
        SERVICE.replace("db.read('posts', 'add')", "db.read('posts', kind)"),
        SERVICE.replace("db.read('posts', 'add')", "render('posts', 'add')"),
    ],
)
def test_what_can_not_be_told_is_no_problem(service: str) -> None:
    some = facts(application(service, ADD.replace("(handle)", "(author)")))
    assert problems(queries_get_their_parameters, some) == []


def test_a_query_that_is_not_there() -> None:
    problem = only(loaded_queries_are_there, facts(application(SERVICE.replace("'add'", "'ad'"))))
    assert problem.cause == f"services/posts.py:2 loads db/sql/posts/ad.sql, which is not there; {ADD_PATH} is"
    both = SERVICE + "    db.read('people', 'all')\n"
    assert "db/sql/people/all.sql, which is not there" in only(loaded_queries_are_there, facts(application(both))).cause
    # The queries lie in two places: either may be the one.
    elsewhere = source("old/sql/posts/all.sql", "SELECT 1", "sql-query")
    where = application(SERVICE.replace("'add'", "'ad'"))
    two = Project(root=where.root, sources={**where.sources, elsewhere.path: elsewhere})
    assert problems(loaded_queries_are_there, facts(two)) == []


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("SELECT uuid,\n  text, -- what they say\nFROM posts\n", 2),
        ("SELECT uuid FROM posts WHERE text IN (\n%(a)s,\n%(b)s,\n)", 3),
        ("SELECT uuid FROM posts ORDER BY uuid,", 1),
    ],
)
def test_a_comma_with_nothing_behind_it(query: str, line: int) -> None:
    problem = only(no_list_ends_with_a_comma, facts(application(query=query)))
    assert str(problem.place) == f"{ADD_PATH}:{line}"
    assert problems(no_list_ends_with_a_comma, facts(application(query=mended(problem, query)))) == []


@pytest.mark.parametrize("query", ["SELECT ',' FROM posts -- a, b,\n", 'SELECT uuid, "from" FROM posts'])
def test_a_comma_that_is_none(query: str) -> None:
    assert problems(no_list_ends_with_a_comma, facts(application(query=query))) == []


@pytest.mark.parametrize(
    ("loads", "told"), [("db.row(db.read('posts', 'add'), values)\n", 0), ("db.row(SQL, values)\n", 1)]
)
def test_a_script_that_asks_with_it_is_explained(loads: str, told: int) -> None:
    where = application(query="SELECT uuid, FROM posts")
    script = source(TOOL, f"#!/usr/bin/env python3\n{loads}", "db-tool")
    where = Project(root=where.root, sources={**where.sources, TOOL: script})
    run = ran(TOOL, ("psycopg.errors.SyntaxError", 'syntax error at or near "FROM"'), line=2)
    assert len(problems(scripts_end_without_an_error, facts(where, scripts=[run]))) == told
