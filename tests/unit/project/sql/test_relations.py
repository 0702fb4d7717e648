from __future__ import annotations

from harness.project.sql.relations import all_relations, written_relations
from tests.unit.diagnosis.checks.loaded_project import project, source

WILD = """
create table if not exists "users" ( -- a comment, with a comma
  uuid UUID default gen_random_uuid() primary key, display_name varchar(40) not null,
  handle text not null unique, amount numeric(10, 2) not null, n bigserial not null,
  email text, check (length(email) > 3), constraint one_mail unique (email), unique (amount, n)
);
alter table only public.users add column bio text not null, add constraint c check (n > 0);
create unique index on users (display_name);
create table log.users (id int);
"""


def test_columns_types_and_keys_are_read_however_they_are_written() -> None:
    users, log = written_relations(source("db/schema.sql", WILD))
    assert [column.name for column in users.columns] == [
        "uuid", "display_name", "handle", "amount", "n", "email", "bio",
    ]  # fmt: skip
    assert {column.name for column in users.columns if column.needed} == {"display_name", "handle", "amount", "bio"}
    assert users.unique == {"uuid", "handle", "email", "display_name"}
    assert log.name == "log.users"
    handle = users.column("handle")
    assert handle is not None
    assert str(handle.place) == "db/schema.sql:4"


def test_a_schema_goes_before_other_files() -> None:
    other = source("a/old.sql", "CREATE TABLE users (id int);")
    assert all_relations(project(other))["users"].place.path == "db/schema.sql"
