"""Migrations, drift and rows, on every engine's PostgreSQL."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import errors

from harness.engines.ports import free_port
from harness.errors import EnvironmentFailure, UsageError
from harness.schema import Migration
from harness.stores import postgres_load
from harness.stores.postgres import PostgresStore

if TYPE_CHECKING:
    from harness.dataset import Dataset
    from harness.endpoint import Endpoints
    from harness.schema import Schema
    from harness.stores.registry import Stores


def migration(name: str, sql: str) -> Migration:
    return Migration(
        name=name, sql=sql, checksum=hashlib.sha256(sql.encode()).hexdigest(), source=Path("/files") / name
    )


def with_files(schema: Schema, *more: Migration) -> Schema:
    return replace(schema, migrations=(*schema.migrations, *more))


def nothing(what: str, done: int, total: int | None) -> None:
    """Watch no progress."""


def test_new_file_is_applied_in_place(stores: Stores, schema: Schema) -> None:
    store = stores.postgres
    store.apply(schema)
    more = with_files(schema, migration("0002_likes.sql", "CREATE TABLE likes (id integer PRIMARY KEY)"))

    assert [(each.what, each.remedy) for each in store.diff(more)] == [("migration 0002_likes.sql", "in place")]
    assert store.apply(more) == ("0002_likes.sql: applied",)
    assert store.diff(more) == ()


def test_changed_file_is_refused_until_recreated(
    stores: Stores, schema: Schema, connection: psycopg.Connection
) -> None:
    store = stores.postgres
    store.apply(with_files(schema, migration("0002_a.sql", "CREATE SCHEMA extra; CREATE TABLE extra.a (id integer)")))
    changed = with_files(schema, migration("0002_a.sql", "CREATE SCHEMA extra; CREATE TABLE extra.b (id integer)"))

    assert [each.remedy for each in store.diff(changed)] == ["recreate"]
    with pytest.raises(UsageError, match=r"/files/0002_a.sql changed after it was applied") as caught:
        store.apply(changed)
    assert "--recreate" in caught.value.hint
    with pytest.raises(UsageError, match="its file is gone"):
        store.apply(schema)

    store.apply(changed, recreate=True)
    assert store.diff(changed) == ()
    assert connection.execute("SELECT to_regclass('extra.a'), to_regclass('extra.b')::text").fetchone() == (
        None,
        "extra.b",
    )


def test_recreate_that_fails_keeps_everything(
    stores: Stores, schema: Schema, dataset: Dataset, connection: psycopg.Connection
) -> None:
    store = stores.postgres
    store.apply(schema)
    store.load(dataset, schema, progress=nothing)

    with pytest.raises(UsageError, match=r"0002_broken.sql:2:8: column \"nonsense\" does not exist"):
        store.apply(with_files(schema, migration("0002_broken.sql", "SELECT 1;\nSELECT nonsense")), recreate=True)

    assert connection.execute("SELECT count(*) FROM users").fetchone() == (6,)
    assert store.diff(schema) == ()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "CREATE TABLE half (id integer);\n\nCREATE TABEL oops ();",
            r'0002_x.sql:3:8: syntax error at or near "TABEL"',
        ),
        ("-- ünïcode €\nCREATE TABLE half (id nosuchtype);", r'0002_x.sql:2:23: type "nosuchtype" does not exist'),
        ("CREATE TABLE half (id integer);\nSELECT 1/0;", r"0002_x.sql: division by zero"),
    ],
)
def test_broken_file_names_the_place_and_leaves_nothing(
    stores: Stores, schema: Schema, connection: psycopg.Connection, sql: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        stores.postgres.apply(with_files(schema, migration("0002_x.sql", sql)))

    assert connection.execute("SELECT to_regclass('half'), to_regclass('users')::text").fetchone() == (None, "users")
    assert [each.what for each in stores.postgres.diff(with_files(schema, migration("0002_x.sql", sql)))] == [
        "migration 0002_x.sql"
    ]


def test_file_that_ends_its_transaction_is_an_error(stores: Stores, schema: Schema) -> None:
    with pytest.raises(UsageError, match=r"0002_x.sql: it ended the transaction"):
        stores.postgres.apply(with_files(schema, migration("0002_x.sql", "END; SELECT 1")))


def test_two_at_once_apply_each_file_once(pair: Endpoints, schema: Schema) -> None:
    start = threading.Barrier(2)

    def apply() -> tuple[str, ...]:
        store = PostgresStore(pair.postgres)
        try:
            start.wait(10)
            return store.apply(schema)
        finally:
            store.close()

    with ThreadPoolExecutor(2) as pool:
        done = [future.result() for future in [pool.submit(apply), pool.submit(apply)]]

    assert sorted(map(len, done)) == [0, 1]


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        ("ALTER TABLE users DROP COLUMN email", "public.users", "column email"),
        ("ALTER TABLE users ALTER email DROP NOT NULL", "public.users", "column email"),
        ("ALTER TABLE activities ALTER likes_count TYPE bigint", "public.activities", "column likes_count"),
        ("ALTER TABLE users ADD COLUMN bio text", "public.users", "column bio"),
        ("DROP TABLE activities", "public.activities", "table"),
        ("DROP INDEX users_cognito_user_id_key", "public.users", "index users_cognito_user_id_key"),
        ("ALTER TABLE users DROP CONSTRAINT users_handle_key", "public.users", "constraint users_handle_key"),
    ],
)
def test_change_by_hand_is_seen(  # noqa: PLR0913, PLR0917 - three of them are the case
    stores: Stores, schema: Schema, connection: psycopg.Connection, statement: str, where: str, what: str
) -> None:
    stores.postgres.apply(schema)
    connection.execute(statement)
    connection.execute("CREATE TABLE of_the_application (id integer)")

    [difference] = stores.postgres.diff(schema)

    assert (difference.where, difference.what, difference.remedy) == (where, what, "by hand")
    assert difference.wanted != difference.found
    left = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'harness_scratch_')")
    assert left.fetchall() == []


def test_application_of_the_reference_schema_still_works(
    stores: Stores, schema: Schema, connection: psycopg.Connection
) -> None:
    stores.postgres.apply(schema)
    # A connection made before learns the database's time zone only when it is made again.
    with psycopg.connect(connection.info.dsn, password=connection.info.password, autocommit=True) as application:
        application.execute(
            "INSERT INTO public.users (display_name, email, handle, cognito_user_id) VALUES"
            " ('Andrew Brown', 'a@example.com', 'andrewbrown', 'MOCK'), ('Bayko', 'b@example.com', 'bayko', 'MOCK')"
        )
        application.execute(
            "INSERT INTO public.activities (user_uuid, message, expires_at, created_at) VALUES"
            " ((SELECT uuid from public.users WHERE users.handle = 'andrewbrown' LIMIT 1), 'hi',"
            " current_timestamp + interval '10 day', '2026-01-02T03:04:05.678901')"
        )
        [(created_at,)] = application.execute("SELECT created_at FROM activities").fetchall()
        assert created_at == datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
        [(made,)] = application.execute("SELECT uuid_generate_v4()::text").fetchall()
        assert len(str(made)) == 36
        application.execute("UPDATE users SET cognito_user_id = 'sub-1' WHERE handle = 'andrewbrown'")
        with pytest.raises(errors.UniqueViolation):
            application.execute("UPDATE users SET cognito_user_id = 'sub-1' WHERE handle = 'bayko'")
        with pytest.raises(errors.UniqueViolation):
            application.execute("UPDATE users SET handle = 'bayko'")
        with pytest.raises(errors.ForeignKeyViolation):
            application.execute("INSERT INTO activities (user_uuid, message) VALUES (uuid_generate_v4(), 'x')")
        application.execute("DELETE FROM users WHERE handle = 'andrewbrown'")


def test_people_are_found_by_handle(stores: Stores, schema: Schema, dataset: Dataset) -> None:
    stores.postgres.apply(schema)
    stores.postgres.load(dataset, schema, progress=nothing)

    assert stores.postgres.list_users() == dataset.users
    assert stores.postgres.user_by_handle("zoe3") == dataset.users[3]
    assert stores.postgres.user_by_handle("nobody") is None


def test_tables_that_refer_to_the_seed_keep_their_rows(
    stores: Stores, schema: Schema, dataset: Dataset, connection: psycopg.Connection
) -> None:
    store = stores.postgres
    store.apply(schema)
    connection.execute("CREATE TABLE likes (activity uuid REFERENCES activities)")
    store.load(dataset, schema, progress=nothing)
    connection.execute("INSERT INTO likes SELECT uuid FROM activities")

    with pytest.raises(UsageError, match=r"public.likes refers to the seeded tables and holds rows"):
        store.load(dataset, schema, progress=nothing)

    assert connection.execute("SELECT count(*) FROM likes").fetchone() == (5,)


def test_lock_that_an_application_holds_is_named(
    stores: Stores, schema: Schema, dataset: Dataset, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_load, "LOCK_TIMEOUT", "50ms")
    stores.postgres.apply(schema)
    with connection.transaction():
        connection.execute("SELECT count(*) FROM users")

        with pytest.raises(EnvironmentFailure, match="another session that holds a lock"):
            stores.postgres.load(dataset, schema, progress=nothing)


def test_recreate_ends_sessions_that_sleep_in_a_transaction(
    stores: Stores, schema: Schema, connection: psycopg.Connection
) -> None:
    stores.postgres.apply(schema)
    connection.autocommit = False
    connection.execute("SELECT count(*) FROM users")

    stores.postgres.apply(schema, recreate=True)

    assert stores.postgres.diff(schema) == ()
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_load_without_the_tables_says_so(stores: Stores, schema: Schema, dataset: Dataset) -> None:
    with pytest.raises(EnvironmentFailure, match=r'relation "public.users" does not exist') as caught:
        stores.postgres.load(dataset, schema, progress=nothing)
    assert "harness schema load" in caught.value.hint
    assert {digest.count for digest in stores.postgres.digests(dataset).values()} == {0}


def test_load_of_a_row_that_breaks_a_constraint_names_it(stores: Stores, schema: Schema, dataset: Dataset) -> None:
    stores.postgres.apply(schema)
    twice = replace(dataset, users=(*dataset.users, replace(dataset.users[0], uuid=dataset.activities[0].uuid)))

    with pytest.raises(UsageError, match=r"users_handle_key.*\(handle\)=\(zoe0\) already exists"):
        stores.postgres.load(twice, schema, progress=nothing)


def test_schema_of_the_reference_itself_is_loaded_and_digested(
    stores: Stores, dataset: Dataset, schema: Schema
) -> None:
    """Timestamps without a zone, no constraints."""
    reference = replace(
        schema,
        migrations=(
            migration(
                "0001_reference.sql",
                "CREATE TABLE public.users (uuid uuid PRIMARY KEY, display_name text NOT NULL, handle text NOT NULL,"
                " email text NOT NULL, cognito_user_id text NOT NULL, created_at TIMESTAMP NOT NULL);"
                "CREATE TABLE public.activities (uuid uuid PRIMARY KEY, user_uuid uuid NOT NULL, message text NOT NULL,"
                " replies_count integer, reposts_count integer, likes_count integer, reply_to_activity_uuid uuid,"
                " expires_at TIMESTAMP, created_at TIMESTAMP NOT NULL);",
            ),
        ),
    )
    stores.apply_schema(reference)

    assert stores.load(dataset, reference)
    assert not stores.load(dataset, reference)


def test_unreachable_server_and_unknown_database_say_so(pair: Endpoints, schema: Schema) -> None:
    with pytest.raises(EnvironmentFailure, match=r"Postgres does not answer at .*:[*]{3}@"):
        PostgresStore(replace(pair.postgres, port=free_port())).apply(schema)
    with pytest.raises(EnvironmentFailure, match="there is no database 'nowhere'"):
        PostgresStore(replace(pair.postgres, database="nowhere")).apply(schema)
    with pytest.raises(EnvironmentFailure, match="refused user 'nobody'"):
        PostgresStore(replace(pair.postgres, user="nobody")).apply(schema)


def test_wrong_password_says_so(pair: Endpoints, schema: Schema) -> None:
    with psycopg.connect(pair.postgres.dsn) as connection:
        rows = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules WHERE type = 'host'").fetchall()
    if ("scram-sha-256",) not in rows:
        pytest.skip("this server asks no password")

    with pytest.raises(EnvironmentFailure, match=r"refused user .*password authentication failed") as caught:
        PostgresStore(replace(pair.postgres, password="wrong")).apply(schema)
    assert "wrong" not in caught.value.message
    assert "HARNESS_POSTGRES_DSN" in caught.value.hint
