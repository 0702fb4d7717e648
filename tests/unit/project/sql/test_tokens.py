from __future__ import annotations

import re

import pytest
from hypothesis import given

from harness.project.sql.tokens import tokens
from tests.unit.project.odd_sql import ODD_SQL


@given(ODD_SQL)
def test_tokens_cover_everything_but_blanks_and_comments(sql: str) -> None:
    end = 0
    for token in tokens(sql):
        assert sql[token.start : token.end] == token.text
        assert token.line == sql.count("\n", 0, token.start) + 1
        between = sql[end : token.start]
        assert not between.strip("\ufeff").strip() or between.lstrip("\ufeff \n\r\t\f\u2028").startswith(("--", "/*"))
        end = token.end


@pytest.mark.parametrize(
    ("sql", "kind", "string", "closed"),
    [
        ("'it''s'", "string", "it's", True),
        ("'open", "string", "ope", False),
        ("E'a\\nb\\'c'", "string", "a\nb'c", True),
        ("$x$a$$b$x$", "string", "a$$b", True),
        ("$x$a", "string", None, False),
        ('"Odd ""one"""', "quoted", None, True),
        ('"open', "quoted", None, False),
        ("%(handle)s", "placeholder", None, True),
        (":'name'", "variable", None, True),
        ("1.5e-3", "number", None, True),
        ("naïve$1", "word", None, True),
        ("::", "symbol", None, True),
    ],
)
def test_a_token_is_told(sql: str, kind: str, string: str | None, closed: bool) -> None:  # noqa: FBT001 - a column
    [token] = tokens(sql)
    assert (token.kind, token.closed) == (kind, closed)
    if closed:
        assert token.string == string


def test_names_are_folded_unless_quoted() -> None:
    assert [token.name for token in tokens('Users "Odd ""one"""')] == ["users", 'Odd "one"']
    assert re.fullmatch("users", next(tokens("USERS")).name or "")
