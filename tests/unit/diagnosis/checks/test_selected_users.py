from __future__ import annotations

import pytest

from harness.diagnosis.checks.sql.values import searched_users_exist
from tests.unit.diagnosis.checks.loaded_project import (
    SEED_PATH,
    error,
    facts,
    held,
    only,
    problems,
    project,
    psql,
    users,
)

PEOPLE = "INSERT INTO users (handle) VALUES ('ada'), ('ben');\n"
PICKED = (
    "INSERT INTO activities (user_uuid, message)\nSELECT u.uuid, 'hi; ada'\nFROM users u\nWHERE u.handle = 'Ada'{};"
)
THERE = held(users("ada", "ben"))


def test_an_insert_that_picks_nobody_is_told() -> None:
    seed = PEOPLE + PICKED.format("")
    problem = only(searched_users_exist, facts(project(seed=seed), sql=[psql(SEED_PATH)], first=THERE))
    assert str(problem.place) == "db/seed.sql:5"
    assert "'Ada'" in problem.cause
    assert "it has 'ada'" in problem.cause


@pytest.mark.parametrize(
    "seed",
    [
        PICKED.format("").replace("Ada", "ada"),
        PICKED.format(" OR true"),
        PICKED.format("").replace(
            "WHERE u.handle = 'Ada'", "WHERE NOT EXISTS (SELECT 1 FROM users WHERE handle = 'Ada')"
        ),
        "INSERT INTO users (handle)\nSELECT 'cyd' FROM users WHERE handle = 'cyd';",
        "INSERT INTO activities (user_uuid) SELECT uuid FROM users WHERE handle = :'who';",
    ],
)
def test_other_selects_are_no_fault(seed: str) -> None:
    assert problems(searched_users_exist, facts(project(seed=PEOPLE + seed), sql=[psql(SEED_PATH)], first=THERE)) == []


def test_where_statements_failed_it_follows_from_that() -> None:
    lost = psql(SEED_PATH, error("42601", "syntax error", 1))
    some = facts(project(seed=PEOPLE + PICKED.format("")), sql=[lost], first=THERE)
    assert problems(searched_users_exist, some) == []
