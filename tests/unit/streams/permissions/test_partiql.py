from __future__ import annotations

import pytest

from harness.streams.permissions.partiql import Statement, read_statement


@pytest.mark.parametrize(
    ("text", "action", "table", "index"),
    [
        ('SELECT * FROM "Music"."ByArtist" WHERE a=1', "PartiQLSelect", "Music", "ByArtist"),
        ("select x from Music.ByArtist", "PartiQLSelect", "Music", "ByArtist"),
        ("SELECT * FROM Music WHERE a='x from \"Other\"'", "PartiQLSelect", "Music", None),
        ('SELECT "from" FROM "Music" "m"', "PartiQLSelect", "Music", None),
        ('SELECT * -- from "Other"\n FROM "Music"', "PartiQLSelect", "Music", None),
        ("INSERT INTO \"cruddur-messages\" VALUE {'pk': ?}", "PartiQLInsert", "cruddur-messages", None),
        ('UPDATE "a""b" SET x=1', "PartiQLUpdate", 'a"b', None),
        ("  delete from T where pk=?", "PartiQLDelete", "T", None),
        ('EXISTS(SELECT * FROM "T" WHERE pk=?)', "PartiQLSelect", "T", None),
        (
            'DELETE FROM "arn:aws:dynamodb:eu-west-1:1:table/T"',
            "PartiQLDelete",
            "arn:aws:dynamodb:eu-west-1:1:table/T",
            None,
        ),
    ],
)
def test_verb_table_and_index(text: str, action: str, table: str, index: str | None) -> None:
    assert read_statement(text) == Statement(action=action, table=table, index=index)


@pytest.mark.parametrize("text", ["", "DROP TABLE x", "SELECT 1", "SELECT * FROM", "INSERT 'into'", "UPDATE ?"])
def test_what_is_no_statement_of_a_table(text: str) -> None:
    assert read_statement(text) is None
