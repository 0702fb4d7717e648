"""Schema and seed loaded twice, and the types of the schema."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.diagnosis.checks.sql.schema import schema_can_be_repeated, uuids_have_the_type_uuid
from harness.diagnosis.checks.sql.twice import (
    handles_are_there_once,
    loading_twice_keeps_the_rest,
    loading_twice_keeps_users,
)
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
    source,
    users,
)

LOADED = [psql(SCHEMA_PATH), psql(SEED_PATH), psql(SEED_PATH, pass_=2)]
UNIQUE = SCHEMA.replace("handle text NOT NULL", "handle text NOT NULL UNIQUE")


def test_a_second_load_doubles_the_users() -> None:
    some = facts(project(), sql=LOADED, first=held(users("ada", "ben")), second=held(users("ada", "ben", "ada", "ben")))
    problem = only(loading_twice_keeps_users, some)
    assert str(problem.place) == "db/seed.sql:2"
    assert [each.text for each in problem.evidence][:1] == ["ada: 2 rows after the second load"]
    schema, seed = problem.edits
    assert schema.new == "  handle text NOT NULL UNIQUE,\n"
    assert seed.new == "  ('Cyd Orr', 'cyd@example.com', 'cyd', 'MOCK')\nON CONFLICT DO NOTHING;\n"


def test_it_is_seen_without_a_run() -> None:
    assert len(problems(loading_twice_keeps_users, facts(project()))) == 1


@pytest.mark.parametrize(
    ("schema", "seed"),
    [
        (UNIQUE, SEED),
        (SCHEMA + "CREATE UNIQUE INDEX ON users (email);", SEED),
        (SCHEMA, SEED.replace("'cyd', 'MOCK');", "'cyd', 'MOCK') ON CONFLICT (handle) DO NOTHING;")),
        (SCHEMA, "TRUNCATE TABLE activities, users CASCADE;\n" + SEED),
        (SCHEMA, "delete from public.users;\n" + SEED),
        (
            SCHEMA,
            "INSERT INTO users (handle) SELECT 'ada' WHERE NOT EXISTS (SELECT 1 FROM users WHERE handle = 'ada');",
        ),
    ],
)
def test_a_careful_seed_keeps_users(schema: str, seed: str) -> None:
    assert problems(loading_twice_keeps_users, facts(project(schema=schema, seed=seed))) == []


def test_what_a_second_load_left_as_it_was_is_believed() -> None:
    some = facts(project(), sql=LOADED, first=held(users("ada")), second=held(users("ada")))
    assert problems(loading_twice_keeps_users, some) == []


def test_users_that_a_failing_insert_never_brought_do_not_double() -> None:
    failed = psql(SEED_PATH, error("23502", 'null value in column "email"', 2))
    assert problems(loading_twice_keeps_users, facts(project(), sql=[failed], first=held(users()))) == []


def test_activities_alone_are_a_note() -> None:
    some = facts(project(schema=UNIQUE))
    assert loading_twice_keeps_the_rest.severity == "note"
    assert "activities" in only(loading_twice_keeps_the_rest, some).cause


def test_a_handle_that_two_users_have() -> None:
    text = SEED.replace("'ben', 'M", "'ada', 'M")
    problem = only(handles_are_there_once, facts(project(seed=text), first=held(users("ada", "ada", "cyd"))))
    assert str(problem.place) == "db/seed.sql:5"


def test_everybody_twice_is_a_seed_that_was_loaded_twice() -> None:
    some = facts(held=held(users("ada", "ben", "ada", "ben")))
    assert "loaded 2 times" in only(handles_are_there_once, some).cause
    assert problems(handles_are_there_once, facts(held=held(users("ada", "Ada", "ben")))) == []


def test_an_extension_is_created_again() -> None:
    schema = SCHEMA.replace(" IF NOT EXISTS", "")
    again = psql(SCHEMA_PATH, error("42710", 'extension "uuid-ossp" already exists', 1, path=SCHEMA_PATH), pass_=2)
    problem = only(schema_can_be_repeated, facts(project(schema=schema), sql=[psql(SCHEMA_PATH), again]))
    assert mended(problem, schema) == SCHEMA


def test_a_table_that_others_depend_on_and_the_create_that_follows() -> None:
    depend = error("2BP01", "cannot drop table users because other objects depend on it", 2, path=SCHEMA_PATH)
    follows = error("42P07", 'relation "users" already exists', 5, path=SCHEMA_PATH)
    problem = only(
        schema_can_be_repeated, facts(project(), sql=[psql(SCHEMA_PATH), psql(SCHEMA_PATH, depend, follows, pass_=2)])
    )
    assert "DROP TABLE IF EXISTS public.users CASCADE;" in mended(problem, SCHEMA)


def test_a_drop_on_an_empty_database() -> None:
    schema = SCHEMA.replace("DROP TABLE IF EXISTS public.users", "DROP TABLE public.users")
    some = psql(SCHEMA_PATH, error("42P01", 'table "users" does not exist', 2, path=SCHEMA_PATH))
    problem = only(schema_can_be_repeated, facts(project(schema=schema), sql=[some]))
    assert mended(problem, schema) == SCHEMA


def test_a_schema_that_runs_twice_is_fine() -> None:
    some = facts(project(), sql=[psql(SCHEMA_PATH), psql(SCHEMA_PATH, pass_=2)])
    assert problems(schema_can_be_repeated, some) == []


def test_a_file_that_creates_and_never_drops_is_one_problem() -> None:
    again = [
        error("42P07", 'relation "users" already exists', 5, path=SCHEMA_PATH),
        error("42710", 'extension "uuid-ossp" already exists', 1, path=SCHEMA_PATH),
    ]
    schema = SCHEMA.replace(" IF NOT EXISTS", "")
    problem = only(
        schema_can_be_repeated,
        facts(project(schema=schema), sql=[psql(SCHEMA_PATH), psql(SCHEMA_PATH, *again, pass_=2)]),
    )
    assert problem.cause.startswith(f"2 statements of {SCHEMA_PATH} fail")
    assert len(problem.edits) == 2


def test_migrations_are_run_once_each() -> None:
    for path in ("seeds/postgres/0001_users.sql", "db/migrations/users.sql", "sql/V2__roles.sql"):
        again = error("42P07", 'relation "users" already exists', 5, path=path)
        some = project()
        source = replace(some.with_role("sql-schema")[0], path=path)
        moved = replace(some, sources={path: source})
        assert problems(schema_can_be_repeated, facts(moved, sql=[psql(path), psql(path, again, pass_=2)])) == []


def test_a_uuid_in_an_integer() -> None:
    schema = SCHEMA.replace("replies_count", "reply_to_activity_uuid integer,\n  replies_count")
    problem = only(uuids_have_the_type_uuid, facts(project(schema=schema)))
    assert "  reply_to_activity_uuid UUID,\n" in mended(problem, schema)
    assert problems(uuids_have_the_type_uuid, facts(project())) == []


@pytest.mark.parametrize(
    ("changes", "mends"),
    [
        ("ALTER TABLE activities DROP COLUMN answers_uuid; ALTER TABLE activities ADD COLUMN answers_uuid uuid;", True),
        ("ALTER TABLE public.activities DROP answers_uuid, ADD IF NOT EXISTS answers_uuid UUID;", True),
        # PostgreSQL: cannot cast type integer to uuid.
        ("ALTER TABLE activities ALTER COLUMN answers_uuid TYPE uuid USING answers_uuid::uuid;", False),
        ("ALTER TABLE users ADD COLUMN answers_uuid uuid;", False),
    ],
)
def test_a_migration_that_makes_the_column_anew(changes: str, *, mends: bool) -> None:
    schema = SCHEMA.replace("replies_count", "answers_uuid integer,\n  replies_count")
    migration = source("db/migrations/20_answers.py", f'def migrate_sql():\n    return "{changes}"\n')
    assert len(problems(uuids_have_the_type_uuid, facts(project(migration, schema=schema)))) == (not mends)
    elsewhere = source("db/notes.py", migration.text)
    assert len(problems(uuids_have_the_type_uuid, facts(project(elsewhere, schema=schema)))) == 1


def test_two_inserts_of_users_are_one_problem() -> None:
    again = "INSERT INTO users (display_name, handle, email, cognito_user_id) VALUES ('D', 'dot', 'd', 'MOCK');\n"
    problem = only(loading_twice_keeps_users, facts(project(seed=SEED + again)))
    assert "db/seed.sql:2 and in db/seed.sql:" in problem.advice
    assert len(problem.edits) == 3
