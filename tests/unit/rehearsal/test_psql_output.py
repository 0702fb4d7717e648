from __future__ import annotations

from harness.project.place import Place
from harness.project.source import Source
from harness.rehearsal.psql_output import sql_errors

SEED = """\
-- people
INSERT INTO users (handle)
VALUES
  ('ann'),
  ('bob');
  ('cleo');
INSERT INTO t
VALUES (null);
"""
SAID = """\
psql:db/seed.sql:6: ERROR:  42601: syntax error at or near "'cleo'"
LINE 1: ('cleo');
         ^
LOCATION:  scanner_yyerror, scan.l:1237
psql:db/seed.sql:6: STATEMENT:  ('cleo');
psql:db/seed.sql:7: NOTICE:  00000: nothing
psql:db/seed.sql:8: ERROR:  23502: null value in column "a" violates
not-null constraint
DETAIL:  Failing row contains (null).
HINT:  Think.
LOCATION:  ReportNotNullViolationError, execMain.c:2213
psql:db/seed.sql:8: STATEMENT:  INSERT INTO t
VALUES (null);
"""


def files(path: str, text: str) -> dict[str, Source]:
    return {path: Source(path=path, text=text, language="sql")}


def test_errors_have_code_detail_hint_and_place() -> None:
    syntax, null = sql_errors(SAID, "db/seed.sql", files("db/seed.sql", SEED))
    assert (syntax.sqlstate, syntax.place, syntax.at) == (
        "42601",
        Place(path="db/seed.sql", line=6),
        Place(path="db/seed.sql", line=6),
    )
    assert syntax.statement == "('cleo');"
    assert syntax.message == "syntax error at or near \"'cleo'\""
    assert null.message == 'null value in column "a" violates\nnot-null constraint'
    assert (null.detail, null.hint, null.at) == ("Failing row contains (null).", "Think.", None)
    assert null.place.line == 7
    assert null.statement == "INSERT INTO t\nVALUES (null);"


def test_line_n_counts_from_the_comment_that_was_sent() -> None:
    text = "-- not sent\n/* sent\n*/\n\nSELECT 1,\n  nope;\n"
    said = (
        'psql:a.sql:6: ERROR:  42703: column "nope" does not exist\nLINE 5:   nope;\n          ^\n'
        "psql:a.sql:6: STATEMENT:  /* sent\n*/\n\nSELECT 1,\n  nope;\n"
    )
    (error,) = sql_errors(said, "a.sql", files("a.sql", text))
    assert error.place.line == 5
    assert error.at == Place(path="a.sql", line=6)
    assert error.statement == "SELECT 1,\n  nope;"


def test_data_of_a_copy_lies_between_statement_and_line() -> None:
    said = "psql:a.sql:4: ERROR:  22P02: invalid input\nCONTEXT:  COPY t, line 1\npsql:a.sql:4: STATEMENT:  copy t from stdin;\n"
    (error,) = sql_errors(said, "a.sql", files("a.sql", "select 1;\ncopy t from stdin;\nx\n\\.\n"))
    assert error.place.line == 2


def test_variables_that_were_put_in_do_not_hide_the_place() -> None:
    said = "psql:a.sql:3: ERROR:  22P02: bad \"x\"\nLINE 1: select 'x'::int\npsql:a.sql:3: STATEMENT:  select 'x'::int\n+ 1;\n"
    (error,) = sql_errors(said, "a.sql", files("a.sql", "\\set who x\nselect :'who'::int\n+ 1;\n"))
    assert error.place.line == 2


def test_lines_of_a_query_inside_a_function_are_not_lines_of_the_file() -> None:
    said = (
        'psql:a.sql:2: ERROR:  42703: column "nope" does not exist\nLINE 1: nope\n        ^\nQUERY:  nope\n'
        "psql:a.sql:2: STATEMENT:  select f();\n"
    )
    (error,) = sql_errors(said, "a.sql", files("a.sql", "select 1;\nselect f();\n"))
    assert error.at is None


def test_psql_itself_complains_too() -> None:
    said = "psql:a.sql:1: error: nofile.sql: No such file or directory\n"
    (error,) = sql_errors(said, "a.sql", files("a.sql", "\\i nofile.sql\n"))
    assert (error.severity, error.message, error.place.line) == ("error", "nofile.sql: No such file or directory", 1)


def test_no_connection_is_an_error_of_the_whole_file() -> None:
    said = 'psql: error: connection to server at "127.0.0.1", port 1 failed: FATAL:  database "x" does not exist\n'
    (error,) = sql_errors(said, "a.sql", {})
    assert (error.severity, error.place) == ("FATAL", Place(path="a.sql"))
    assert 'database "x" does not exist' in error.message


def test_nothing_said_nothing_found() -> None:
    assert sql_errors("", "a.sql", {}) == ()
    assert sql_errors("psql:a.sql:1: WARNING:  01000: hm\nDETAIL:  x\n", "a.sql", {}) == ()
