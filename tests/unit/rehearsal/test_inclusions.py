from __future__ import annotations

import pytest

from harness.rehearsal.inclusions import lifted, standing
from tests.unit.rehearsal.sources import project, source

PEOPLE = source("app/db/seeds/people.sql", "INSERT INTO users VALUES (1);", "sql-seed")
NOTES = source("app/db/seeds/notes.sql", "INSERT INTO notes VALUES (1);")
TABLES = source("app/db/tables.sql", "CREATE TABLE users (a int);", "sql-schema")


@pytest.mark.parametrize(
    "command", ["\\ir seeds/people.sql", "\\i db/seeds/people.sql", "\\include 'app/db/seeds/people.sql'"]
)
def test_the_whole_stands_for_its_parts(command: str) -> None:
    whole = source("app/db/seed.sql", f"{command}\n\\ir seeds/notes.sql\n")
    some = project(whole, PEOPLE, NOTES, TABLES)
    assert lifted(some, [PEOPLE], "sql-seed") == (whole,)


def test_what_brings_in_schema_and_seed_is_neither() -> None:
    both = source("app/db/all.sql", "\\ir tables.sql\n\\ir seeds/people.sql\n")
    some = project(both, PEOPLE, TABLES)
    assert lifted(some, [PEOPLE], "sql-seed") == (PEOPLE,)
    assert lifted(some, [TABLES], "sql-schema") == (TABLES,)


def test_what_brings_in_nothing_that_is_there_is_left_alone() -> None:
    odd = source("app/db/odd.sql", "\\i gone.sql\n\\i people.sql\n")
    assert lifted(project(odd, PEOPLE), [PEOPLE], "sql-seed") == (PEOPLE,)


def test_psql_stands_where_it_finds_everything() -> None:
    whole = source("app/db/seed.sql", "\\i db/seeds/people.sql\n\\ir seeds/notes.sql\n")
    some = project(whole, PEOPLE, NOTES)
    assert standing(some, whole, [".", "app/db", "app"]) == "app"
    assert standing(some, PEOPLE, [".", "app"]) == "."
    assert standing(project(whole), whole, ["x", "app"]) == "x"
