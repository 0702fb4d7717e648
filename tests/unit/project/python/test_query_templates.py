from __future__ import annotations

import pytest

from harness.project.python.query_templates import spoiled_queries, wrapping_functions
from tests.unit.project.written import project, source

LIBRARY = """\
import psycopg
class Db:
    def wrap(self, template):
        return f"(SELECT COALESCE(row_to_json(r),'{{}}') FROM (\\n{template}\\n) r);"
    def query_object(self, sql, params={}):
        return self.run(self.wrap(sql), params)
    def query_value(self, sql):
        return self.run(sql)
"""


@pytest.mark.parametrize(
    "wrap",
    [
        LIBRARY,
        LIBRARY.replace('return f"', 'sql = f"'),
        "class Db:\n  def wrap(self, t):\n    return 'SELECT x FROM (' + t + ') r'\n  def query_object(self, sql): return self.wrap(sql)\n",
        "class Db:\n  def wrap(self, t):\n    return 'SELECT x FROM (%s) r' % t\n  def query_object(self, sql): return self.wrap(sql)\n",
        "class Db:\n  def wrap(self, t):\n    return 'SELECT x FROM ({}) r'.format(t)\n  def query_object(self, sql): return self.wrap(sql)\n",
    ],
)  # fmt: skip
def test_functions_that_paste_a_query_into_another(wrap: str) -> None:
    assert wrapping_functions(project(source("lib/db.py", wrap, "db-library"))) == {"wrap", "query_object"}


@pytest.mark.parametrize(
    ("call", "place"),
    [
        ("db.query_object('SELECT 1;')", "app.py:1"),
        ("sql = '''SELECT 1\n;  -- end\n'''\ndb.query_object(sql)", "app.py:3"),
        ("db.query_object(db.template('users', 'show'))", "db/sql/users/show.sql:2"),
        ("db.query_object(db.template('users', 'fine'))", None),
        ("db.query_object('SELECT 1')", None),
        ("db.query_value('SELECT 1;')", None),
        ("db.query_object()", None),
        ("db.query_object(db.template(*names))", None),
    ],
)
def test_queries_that_end_too_early(call: str, place: str | None) -> None:
    some = project(
        source("lib/db.py", LIBRARY, "db-library"),
        source("app.py", call, "application"),
        source("db/sql/users/show.sql", "SELECT 1\n;\n", "sql-query"),
        source("db/sql/users/fine.sql", "SELECT ';' AS a\n", "sql-query"),
    )
    assert [str(each.place) for each in spoiled_queries(some)] == ([place] if place else [])
