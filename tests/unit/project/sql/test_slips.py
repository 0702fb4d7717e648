from __future__ import annotations

import pytest

from harness.project.sql.row_lengths import uneven_row
from harness.project.sql.slips.finding import certain_slips, find_slip
from harness.project.sql.text import insert_of, statements
from tests.unit.diagnosis.checks.loaded_project import SCHEMA, SEED

_BEHIND_USERS = "NOT NULL\n);\n\nCREATE TABLE public.act"

#: What was done to the text; what PostgreSQL 15 and psql say then: message, line of the statement, line of the error.
MENDED: list[tuple[str, str, str, str, int, int, int]] = [
    (SEED, "ben', 'MOCK'),", "ben', 'MOCK');", "syntax error at or near \"'Cyd Orr'\"", 6, 6, 5),
    (SEED, "ben', 'MOCK'),", "ben', 'MOCK')", 'syntax error at or near "("', 2, 6, 5),
    (SEED, "cyd', 'MOCK');", "cyd', 'MOCK'),", 'syntax error at or near "INSERT"', 2, 7, 6),
    (SEED, "cyd', 'MOCK');", "cyd', 'MOCK')", 'syntax error at or near "INSERT"', 2, 7, 6),
    (SEED, "'Ben Li', 'ben@", "'Ben Li, 'ben@", 'syntax error at or near "ben"', 2, 5, 5),
    (SEED, "'Ben Li', 'ben@", "Ben Li', 'ben@", 'syntax error at or near "Li"', 2, 5, 5),
    (SEED, "'Ben Li', 'ben@", "'Ben Li' 'ben@", "syntax error at or near \"'ben@example.com'\"", 2, 5, 5),
    (SEED, "'cyd', 'MOCK')", "'cyd', 'MOCK)", 'syntax error at or near "ada"', 2, 11, 6),
    (SEED, "'ben', 'MOCK')", "'ben', 'MOCK'", 'syntax error at or near ";"', 2, 6, 5),
    (SEED, "'cyd', 'MOCK');", "'cyd', 'MOCK';", 'syntax error at or near ";"', 2, 6, 6),
    (SEED, "  ('Ben Li'", "  'Ben Li'", "syntax error at or near \"'Ben Li'\"", 2, 5, 5),
    (SEED, "VALUES\n  ('Ada", "VALUE\n  ('Ada", 'syntax error at or near "VALUE"', 2, 3, 3),
    (SEED, "INSERT INTO public.users", "INSET INTO public.users", 'syntax error at or near "INSET"', 2, 2, 2),
    (SEED, "INTO public.users", "INTTO public.users", 'syntax error at or near "INTTO"', 2, 2, 2),
    (SEED, "INTO public.users", "public.users", 'syntax error at or near "public"', 2, 2, 2),
    (SEED, "LIMIT 1),", "LIMIT 1)", "syntax error at or near \"'Imported as seed data!'\"", 8, 12, 11),
    (SEED, "LIMIT 1),", "LIMIT 1,", "LIMIT #,# syntax is not supported", 8, 11, 11),
    (SEED, "seed data!',", "seed data!'", 'syntax error at or near "current_timestamp"', 8, 13, 12),
    (SEED, "-- people", "# people", 'syntax error at or near "#"', 1, 1, 1),
    (SEED, "display_name, email", "display_name email", 'syntax error at or near "email"', 2, 2, 2),
    (SEED, "cognito_user_id)", "cognito_user_id,)", 'syntax error at or near ")"', 2, 2, 2),
    (SEED, "cognito_user_id)", "cognito_user_id", 'syntax error at or near "VALUES"', 2, 3, 2),
    (SEED, "SELECT uuid from", "SELECT uuid form", 'syntax error at or near "public"', 8, 11, 11),
    (SEED, "WHERE", "WERE", 'syntax error at or near "users"', 8, 11, 11),
    (SEED, "'ben', 'MOCK'),", "'ben', 'MOCK'),,", 'syntax error at or near ","', 2, 5, 5),
    (SCHEMA, "handle text NOT NULL,", "handle text NOT NULL", 'syntax error at or near "email"', 5, 9, 8),
    (SCHEMA, "handle text NOT NULL,", "handle text NOT NUL,", 'syntax error at or near "NUL"', 5, 8, 8),
    (SCHEMA, "handle text NOT NULL,", "handle text NOT NULL;", 'syntax error at or near ";"', 5, 8, 8),
    (SCHEMA, _BEHIND_USERS, _BEHIND_USERS.replace("NULL", "NULL,"), 'syntax error at or near ")"', 5, 12, 11),
    (SCHEMA, _BEHIND_USERS, _BEHIND_USERS.replace(");", ")"), 'syntax error at or near "CREATE"', 5, 13, 12),
    (SCHEMA, "IF EXISTS public.users", "IF EXITS public.users", 'syntax error at or near "EXITS"', 2, 2, 2),
    (SCHEMA, '"uuid-ossp";', '"uuid-ossp"', 'syntax error at or near "DROP"', 1, 2, 1),
    (SCHEMA, "TABLE public.users (", "TABEL public.users (", 'syntax error at or near "TABEL"', 5, 5, 5),
    (SCHEMA, "PRIMARY KEY", "PRIMARY KY", 'syntax error at or near "KY"', 5, 6, 6),
    (SCHEMA, "CREATE TABLE public.users", "CRATE TABLE public.users", 'syntax error at or near "CRATE"', 5, 5, 5),
    (SCHEMA, '"uuid-ossp"', "uuid-ossp", 'syntax error at or near "-"', 1, 1, 1),
    (SCHEMA, "users;", "users", 'syntax error at or near "DROP"', 2, 3, 2),
    (SCHEMA, "EXTENSION IF", "EXTENTION IF", 'syntax error at or near "EXTENTION"', 1, 1, 1),
]


@pytest.mark.parametrize("case", MENDED, ids=lambda case: f"{case[2][:24]!r}")
def test_a_slip_is_found_and_its_change_undoes_it(case: tuple[str, str, str, str, int, int, int]) -> None:
    text, old, new, message, line, at, slip_at = case
    broken = text.replace(old, new, 1)
    slip = find_slip(broken, message, line, at)
    assert slip is not None
    assert slip.line == slip_at
    assert slip.change is not None
    assert broken[: slip.change.start] + slip.change.new + broken[slip.change.end :] == text


@pytest.mark.parametrize(
    "case",
    [
        ("'Ben Li'", "'Ben O'Li'", 'syntax error at or near "Li"', 2, 5, "apostrophe twice: 'Ben O''Li"),
        ("seed data!'", "it's data'", 'syntax error at or near "s"', 8, 12, "it''s"),
        ("'Ben Li'", "\u2018Ben Li\u2019", 'syntax error at or near "Li\u2019"', 2, 5, "straight quotes"),
        ("VALUES\n  ('Ada", "\n  ('Ada", "syntax error at or near \"'Ada Byron'\"", 2, 3, "`VALUES (`"),
    ],
)
def test_what_to_write_is_said(case: tuple[str, str, str, int, int, str]) -> None:
    old, new, message, line, at, advice = case
    slip = find_slip(SEED.replace(old, new, 1), message, line, at)
    assert slip is not None
    assert advice in slip.advice


def test_comments_and_lines_between_do_not_hide_a_stray_semicolon() -> None:
    text = SEED.replace("'ben', 'MOCK'),\n", "'ben', 'MOCK'); -- new\n\n  -- hi; ho\n", 1)
    (slip,) = certain_slips(text)
    assert slip.line == 5
    assert slip.advice == "Replace the `;` at the end of line 5 by `,`."


def test_a_semicolon_behind_a_comma_is_deleted() -> None:
    (slip,) = certain_slips(SEED.replace("'ben', 'MOCK'),", "'ben', 'MOCK'),\n;", 1))
    assert slip.advice == "Delete the `;` in line 6."


@pytest.mark.parametrize("text", [SEED, SCHEMA, "", "SELECT 1;\n(SELECT 2);\n", SEED.replace("\n", "\r\n")])
def test_nothing_is_seen_where_nothing_is_wrong(text: str) -> None:
    assert certain_slips(text) == ()


def test_a_message_that_says_no_place_gives_no_slip() -> None:
    assert find_slip(SEED, "VALUES lists must all be the same length", 2, 5) is None
    assert find_slip("", 'syntax error at or near "x"', 1, 1) is None


def test_two_texts_that_became_one() -> None:
    text = "INSERT INTO users (handle, email)\nVALUES ('ada'\n  'ada@example.com');"
    insert = insert_of(statements(text)[0])
    slip = uneven_row(insert) if insert else None
    assert slip is not None
    assert slip.line == 2
    assert slip.change is not None


def test_rows_that_fit_are_not_uneven() -> None:
    insert = insert_of(statements(SEED)[0])
    assert insert is not None
    assert uneven_row(insert) is None
