from __future__ import annotations

import pytest
from hypothesis import given

from harness.project.sql.text import MetaCommand, insert_of, meta_commands, statements
from harness.project.sql.tokens import tokens
from tests.unit.project.odd_sql import ODD_SQL


@given(ODD_SQL)
def test_splitting_loses_no_token(sql: str) -> None:
    some = statements(sql)
    for each in some:
        assert sql[each.tokens[0].start : each.tokens[-1].end] == each.text
        insert_of(each)
    starts = [token.start for each in some for token in each.tokens]
    assert starts == sorted(set(starts))
    if "COPY" not in sql:
        kept = {token.start for each in some for token in each.tokens}
        lost = [token for token in tokens(sql) if token.start not in kept and token.kind != "meta"]
        assert all(token.text == ";" for token in lost)


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        ("SELECT 1; SELECT 2", ["SELECT", "SELECT"]),
        ("SELECT ';'; -- no ; here\n/* nor ; /* nested */ ; */ DELETE FROM a;", ["SELECT", "DELETE"]),
        ("DO $$ BEGIN; END; $$; SELECT 1;", ["DO", "SELECT"]),
        ("DO $body$ a $$ ; $body$;", ["DO"]),
        ("SELECT E'it\\'s; ';SELECT 'it''s;'", ["SELECT", "SELECT"]),
        ("create or replace temp table a();DROP extension x;", ["CREATE TABLE", "DROP EXTENSION"]),
        ("CREATE UNIQUE INDEX CONCURRENTLY i ON a (b);", ["CREATE INDEX"]),
        ("CREATE RULE r AS (SELECT 1; SELECT 2);", ["CREATE RULE"]),
        (";;;", []),
        ("\\echo hi; there\nSELECT 1 \\gset\nSELECT 2 \\g\nSELECT 3", ["SELECT", "SELECT", "SELECT"]),
        ("(SELECT 1);", ["("]),
        ("\ufeffSELECT 1;", ["SELECT"]),
    ],
)
def test_statements_are_split_where_psql_splits(sql: str, kinds: list[str]) -> None:
    assert [each.kind for each in statements(sql)] == kinds


def test_lines_and_ends_are_told() -> None:
    first, last = statements("-- a\r\nSELECT\r\n  1;\r\nSELECT 2\r\n")
    assert (first.line, first.last_line, first.ended) == (2, 3, True)
    assert (last.line, last.ended) == (4, False)


def test_the_data_of_copy_is_no_sql() -> None:
    sql = "COPY a (b) FROM stdin;\nit's\t\\N\nso; \"\n\\.\n\\echo 'done'\nINSERT INTO a VALUES ('x');\n"
    copy, insert = statements(sql)
    assert copy.data == ((2, "it's\t\\N"), (3, 'so; "'))
    assert (insert.kind, insert.line) == ("INSERT", 6)
    assert [each.name for each in meta_commands(sql)] == ["echo"]
    assert statements("COPY a FROM STDIN;\n\\.\nSELECT 1")[1].line == 3
    assert [each.data for each in statements("COPY a FROM STDIN;\n1\n2")] == [((2, "1"), (3, "2"))]
    assert [each.data for each in statements("COPY a TO STDOUT;\nSELECT 1;")] == [(), ()]


def test_meta_commands_have_a_name_and_the_rest() -> None:
    assert meta_commands("\\i\tpeople.sql\n\\set  name  'a b'\n  \\c\nSELECT '\\i no';") == (
        MetaCommand(line=1, name="i", arguments="people.sql"),
        MetaCommand(line=2, name="set", arguments="name  'a b'"),
        MetaCommand(line=3, name="c", arguments=""),
    )


def test_an_insert_is_taken_apart() -> None:
    [statement] = statements(
        "insert into public.\"Users\" as u (handle, \"Name\", n)\n values ('ada', E'A\\tB', f(1, 2)),\n"
        " ('ben'::text, $$it's$$, (SELECT max(n), 1))\n on conflict do nothing;"
    )
    insert = insert_of(statement)
    assert insert is not None
    assert (insert.table, insert.columns) == ("Users", ("handle", "Name", "n"))
    assert [[value.string for value in row.values] for row in insert.rows] == [
        ["ada", "A\tB", None],
        ["ben", "it's", None],
    ]
    assert [row.line for row in insert.rows] == [2, 3]
    assert insert.rows[1].values[2].text == "(SELECT max(n), 1)"
    assert [each.text for each in insert.rest] == ["on", "conflict", "do", "nothing"]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("INSERT INTO a VALUES (1) (2), (3)", 3),
        ("INSERT INTO a VALUES (1), (2", 2),
        ("INSERT INTO a VALUES", 0),
        ("INSERT INTO a VALUES ()", 1),
        ("INSERT INTO a (b) (SELECT 1)", 0),
        ("INSERT INTO a SELECT 1", 0),
        ("INSERT INTO log.a (b, c) VALUE (1, 2)", 1),
    ],
)
def test_broken_and_other_inserts_are_read_as_far_as_they_go(sql: str, rows: int) -> None:
    insert = insert_of(statements(sql)[0])
    assert insert is not None
    assert len(insert.rows) == rows


def test_other_statements_are_no_insert() -> None:
    assert insert_of(statements("SELECT 1")[0]) is None
    assert insert_of(statements("INSERT users VALUES (1)")[0]) is None


def test_twenty_thousand_rows_are_read_in_one_go() -> None:
    rows = ",\n".join(f"('u{number}', {number})" for number in range(20_000))
    insert = insert_of(statements(f"INSERT INTO a VALUES\n{rows};")[0])
    assert insert is not None
    assert (len(insert.rows), insert.rows[-1].line) == (20_000, 20_001)
