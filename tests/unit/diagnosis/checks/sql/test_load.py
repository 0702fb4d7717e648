"""Statements that PostgreSQL refuses while schema and seed are loaded for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.checks.seed.handles import handles_are_users
from harness.diagnosis.checks.sql.names import names_are_known
from harness.diagnosis.checks.sql.rows import (
    psql_commands_work,
    referred_rows_exist,
    rows_are_unique,
    statements_work,
    values_fit_their_columns,
)
from harness.diagnosis.checks.sql.syntax import statements_can_be_read
from harness.diagnosis.checks.sql.values import needed_columns_are_filled, searched_users_exist
from tests.unit.diagnosis.checks.loaded_project import (
    SCHEMA,
    SCHEMA_PATH,
    SEED,
    SEED_PATH,
    error,
    facts,
    held,
    mended,
    only,
    problems,
    project,
    psql,
    ran,
    source,
    users,
)

if TYPE_CHECKING:
    from harness.diagnosis.check import Check


ALL = [
    statements_can_be_read, needed_columns_are_filled, names_are_known, searched_users_exist, rows_are_unique,
    referred_rows_exist, values_fit_their_columns, psql_commands_work, statements_work,
]  # fmt: skip

STRAY = SEED.replace("'ben', 'MOCK'),", "'ben', 'MOCK');", 1)
STRAY_ERROR = error(
    "42601", "syntax error at or near \"'Cyd Orr'\"", 6, 6, statement="('Cyd Orr', 'cyd@example.com', 'cyd', 'MOCK');"
)
ACTIVITIES = SEED[SEED.index("INSERT INTO public.activities") :]
NOBODY = error(
    "23502",
    'null value in column "user_uuid" of relation "activities" violates not-null constraint',
    8,
    statement=ACTIVITIES,
)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.code)
def test_what_loads_without_an_error_gives_no_problem(check: Check) -> None:
    some = facts(project(), sql=[psql(SCHEMA_PATH), psql(SEED_PATH)], first=held(users("ada", "ben", "cyd")))
    assert problems(check, some) == []
    assert problems(check, facts(project())) == []
    assert problems(check, facts()) == []


def test_a_stray_semicolon_is_named_and_mended() -> None:
    problem = only(statements_can_be_read, facts(project(seed=STRAY), sql=[psql(SEED_PATH, STRAY_ERROR)]))
    assert str(problem.place) == "db/seed.sql:5"
    assert "the `;` in line 5 ends the INSERT" in problem.cause
    assert mended(problem, STRAY) == SEED
    assert any("exit code 0" in each.text for each in problem.evidence)


def test_a_stray_semicolon_is_seen_without_a_run() -> None:
    problem = only(statements_can_be_read, facts(project(seed=STRAY)))
    assert mended(problem, STRAY) == SEED


def test_carriage_returns_stay_where_they_are() -> None:
    text = STRAY.replace("\n", "\r\n")
    problem = only(statements_can_be_read, facts(project(seed=text), sql=[psql(SEED_PATH, STRAY_ERROR)]))
    assert mended(problem, text) == SEED.replace("\n", "\r\n")


def test_what_follows_an_open_quote_is_no_problem_of_its_own() -> None:
    text = SEED.replace("'Ben Li', 'ben@", "'Ben Li, 'ben@", 1)
    first = error("42601", 'syntax error at or near "ben"', 2, 5, statement=text[text.index("INSERT") :])
    later = error("42601", 'syntax error at or near "ada"', 8, 11, statement="x'")
    assert len(problems(statements_can_be_read, facts(project(seed=text), sql=[psql(SEED_PATH, first, later)]))) == 1


def test_the_second_pass_tells_nothing_new() -> None:
    runs = [psql(SEED_PATH, STRAY_ERROR), psql(SEED_PATH, STRAY_ERROR, pass_=2)]
    assert len(problems(statements_can_be_read, facts(project(seed=STRAY), sql=runs))) == 1


def test_an_error_that_no_slip_explains_is_still_told() -> None:
    some = error("42601", "something quite new", 2, 3)
    problem = only(statements_can_be_read, facts(project(), sql=[psql(SEED_PATH, some)]))
    assert str(problem.place) == "db/seed.sql:3"
    assert "something quite new" in problem.cause


def test_a_row_with_too_few_values_is_named() -> None:
    text = SEED.replace("'Ben Li', ", "", 1)
    some = error("42601", "VALUES lists must all be the same length", 2, 5)
    problem = only(statements_can_be_read, facts(project(seed=text), sql=[psql(SEED_PATH, some)]))
    assert str(problem.place) == "db/seed.sql:5"
    assert "3 values, and 4 are expected" in problem.cause


WITHOUT_EMAIL = """\
INSERT INTO users(display_name, handle, cognito_user_id) VALUES ('Ada', 'ada', 'MOCK'), ('Ben', 'ben', 'MOCK');
INSERT INTO activities (user_uuid, message) VALUES ((SELECT uuid FROM users WHERE handle='ada'), 'hi');
"""
NO_EMAIL = error(
    "23502", 'null value in column "email" of relation "users" violates not-null constraint', 1,
    statement=WITHOUT_EMAIL.splitlines()[0],
)  # fmt: skip


def test_a_needed_column_that_the_insert_lacks() -> None:
    some = facts(project(seed=WITHOUT_EMAIL), sql=[psql(SEED_PATH, NO_EMAIL)], first=held(users()))
    problem = only(needed_columns_are_filled, some)
    assert str(problem.place) == "db/seed.sql:1"
    assert "users.email is NOT NULL in db/schema.sql:9" in problem.cause
    assert "(display_name, handle, cognito_user_id, email)" in problem.advice
    assert any("email text NOT NULL" in each.text for each in problem.evidence)


def test_what_fails_because_the_users_are_lost_is_no_problem_of_its_own() -> None:
    follows = error("23502", NOBODY.message, 2, statement=WITHOUT_EMAIL.splitlines()[1])
    some = facts(project(seed=WITHOUT_EMAIL), sql=[psql(SEED_PATH, NO_EMAIL, follows)], first=held(users()))
    assert problems(searched_users_exist, some) == []
    assert len(problems(needed_columns_are_filled, some)) == 1


def test_a_query_of_the_application_that_lacks_a_needed_column() -> None:
    query = source(
        "db/sql/users/create.sql", "INSERT INTO public.users (handle) VALUES (%(handle)s) RETURNING uuid;", "sql-query"
    )
    problem = only(needed_columns_are_filled, facts(project(query)))
    assert str(problem.place) == "db/sql/users/create.sql:1"


def test_a_user_whom_the_sub_select_does_not_find() -> None:
    text = SEED.replace("handle = 'ada'", "handle = 'adda'", 1)
    some = error("23502", NOBODY.message, 8, statement=text[text.index("INSERT INTO public.act") :])
    problem = only(
        searched_users_exist,
        facts(project(seed=text), sql=[psql(SEED_PATH, some)], first=held(users("ada", "ben", "cyd"))),
    )
    assert str(problem.place) == "db/seed.sql:11"
    assert "looks for 'adda'" in problem.cause
    assert "it has 'ada'" in problem.cause
    assert problems(needed_columns_are_filled, facts(project(seed=text), sql=[psql(SEED_PATH, some)])) == []


def test_a_user_whom_scripts_look_for_as_well_is_told_once_with_all_places() -> None:
    text = SEED.replace("handle = 'ada'", "handle = 'adda'", 1)
    some = error("23502", NOBODY.message, 8, statement=text[text.index("INSERT INTO public.act") :])
    script = source(
        "bin/ddb/seed",
        "#!/usr/bin/env python3\nusers = db.query_array_json(sql, {'my_handle': 'adda'})\n",
        "table-seed",
    )
    failed = ran("bin/ddb/seed", ("TypeError", "'NoneType' object is not subscriptable"))
    people = held(users("ada", "ben", "cyd"))
    where = facts(project(script, seed=text), sql=[psql(SEED_PATH, some)], scripts=[failed], first=people)
    assert problems(searched_users_exist, where) == []
    problem = only(handles_are_users, where)
    assert {str(each.place) for each in problem.evidence if each.place} >= {"bin/ddb/seed:2", "db/seed.sql:11"}


def test_a_difference_in_letter_case_is_seen() -> None:
    text = SEED.replace("handle = 'ada'", "handle = 'ADA'", 1)
    some = error("23502", NOBODY.message, 8, statement=text[text.index("INSERT INTO public.act") :])
    where = facts(project(seed=text), sql=[psql(SEED_PATH, some)], first=held(users("ada", "ben")))
    assert "it has 'ada'" in only(searched_users_exist, where).cause


def test_a_sub_select_whose_user_is_in_a_lost_row_is_no_problem_of_its_own() -> None:
    text = STRAY.replace("handle = 'ada'", "handle = 'cyd'", 1)
    some = error("23502", NOBODY.message, 8, statement=text[text.index("INSERT INTO public.act") :])
    where = facts(project(seed=text), sql=[psql(SEED_PATH, STRAY_ERROR, some)], first=held(users("ada", "ben")))
    assert problems(searched_users_exist, where) == []


@pytest.mark.parametrize(
    ("text", "state", "message", "cause", "mends"),
    [
        (
            SEED.replace("handle, cog", "handel, cog"),
            "42703",
            'column "handel" of relation "users" does not exist',
            "there is no column handel; users has handle",
            True,
        ),
        (
            SEED.replace("INTO public.users", "INTO public.uesrs"),
            "42P01",
            'relation "public.uesrs" does not exist',
            "there is no table uesrs; db/schema.sql:5 creates users",
            True,
        ),
        (
            SEED.replace("'Ben Li'", '"Ben Li"'),
            "42703",
            'column "Ben Li" does not exist',
            "double quotes",
            True,
        ),
    ],
)
def test_an_unknown_name_has_the_nearest_one_beside_it(
    text: str, state: str, message: str, cause: str, *, mends: bool
) -> None:
    some = error(state, message, 2, 2, statement=text[text.index("INSERT") : text.index(";") + 1])
    problem = only(names_are_known, facts(project(seed=text), sql=[psql(SEED_PATH, some)], first=held(users("ada"))))
    assert cause in problem.cause
    assert (mended(problem, text) == SEED) is mends


def test_a_table_whose_create_failed_is_no_problem_of_its_own() -> None:
    schema = SCHEMA.replace("CREATE TABLE public.users", "CREATE TABEL public.users")
    failed = error(
        "42601", 'syntax error at or near "TABEL"', 5, 5, path=SCHEMA_PATH, statement="CREATE TABEL public.users ("
    )
    follows = error("42P01", 'relation "public.users" does not exist', 2, 2, statement=SEED[SEED.index("INSERT") :])
    some = facts(project(schema=schema), sql=[psql(SCHEMA_PATH, failed), psql(SEED_PATH, follows)])
    assert problems(names_are_known, some) == []
    assert len(problems(statements_can_be_read, some)) == 1


def test_a_function_of_an_extension_that_nothing_creates() -> None:
    schema = SCHEMA.split("\n", 1)[1]
    some = error(
        "42883",
        "function uuid_generate_v4() does not exist",
        4,
        5,
        path=SCHEMA_PATH,
        statement="CREATE TABLE public.users (",
    )
    problem = only(names_are_known, facts(project(schema=schema), sql=[psql(SCHEMA_PATH, some)]))
    assert "uuid-ossp" in problem.cause


def test_a_drop_of_what_is_not_there_is_told_elsewhere() -> None:
    schema = SCHEMA.replace("DROP TABLE IF EXISTS public.users", "DROP TABLE public.users")
    some = error("42P01", 'table "users" does not exist', 2, path=SCHEMA_PATH, statement="DROP TABLE public.users;")
    assert problems(names_are_known, facts(project(schema=schema), sql=[psql(SCHEMA_PATH, some)])) == []


def test_roles_and_extensions_of_another_server_are_no_fault() -> None:
    role = error("42704", 'role "rds_superuser" does not exist', 1, statement="GRANT rds_superuser TO x;")
    extension = error("0A000", 'extension "pg_trgm" is not available', 1, statement='CREATE EXTENSION "pg_trgm";')
    some = facts(project(), sql=[psql(SEED_PATH, role, extension)])
    assert [problem for check in ALL for problem in problems(check, some)] == []


def test_a_key_that_is_there_twice_is_shown_with_both_places() -> None:
    text = SEED.replace("'ben', 'M", "'ada', 'M")
    some = error(
        "23505", "duplicate key value violates unique constraint", 2, detail="Key (handle)=(ada) already exists."
    )
    problem = only(rows_are_unique, facts(project(seed=text), sql=[psql(SEED_PATH, some)]))
    assert "db/seed.sql:4 and db/seed.sql:5" in problem.cause


def test_a_foreign_key_that_follows_from_lost_users() -> None:
    uuid = "5ae290ed-0000-4000-8000-000000000000"
    text = f"INSERT INTO users (uuid, handle) VALUES ('{uuid}', 'ada');\nINSERT INTO activities (user_uuid) VALUES ('{uuid}');"
    lost = error("23502", NO_EMAIL.message, 1, statement=text.splitlines()[0])
    missing = error(
        "23503",
        "insert or update violates foreign key constraint",
        2,
        statement=text.splitlines()[1],
        detail=f'Key (user_uuid)=({uuid}) is not present in table "users".',
    )
    assert problems(referred_rows_exist, facts(project(seed=text), sql=[psql(SEED_PATH, lost, missing)])) == []
    problem = only(referred_rows_exist, facts(project(seed=text), sql=[psql(SEED_PATH, missing)]))
    assert str(problem.place) == "db/seed.sql:2"


def test_a_value_that_does_not_fit() -> None:
    text = SEED.replace("(SELECT uuid from public.users WHERE users.handle = 'ada' LIMIT 1)", "'abc'")
    some = error("22P02", 'invalid input syntax for type uuid: "abc"', 8)
    problem = only(values_fit_their_columns, facts(project(seed=text), sql=[psql(SEED_PATH, some)]))
    assert str(problem.place) == "db/seed.sql:11"


def test_a_file_that_psql_does_not_find() -> None:
    some = error("", "tables.sql: No such file or directory", 1, path=SCHEMA_PATH)
    assert "tables.sql" in only(psql_commands_work, facts(project(), sql=[psql(SCHEMA_PATH, some)])).cause


def test_every_other_error_is_told() -> None:
    some = error("42P16", "multiple primary keys for table are not allowed", 5, path=SCHEMA_PATH)
    assert "multiple primary keys" in only(statements_work, facts(project(), sql=[psql(SCHEMA_PATH, some)])).cause
