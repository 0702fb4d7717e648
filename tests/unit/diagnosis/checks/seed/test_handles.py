"""Users that scripts ask for: both sides are named, and who is missing for another reason is not told of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.project.place import Place
from harness.rehearsal.results import SqlError, SqlRun
from tests.unit.diagnosis.checks.played_seed import (
    SEED_PATH,
    SQL_PATH,
    changed,
    codes,
    found,
    mended,
    only,
    played,
    source,
    sql_of,
)
from tests.unit.diagnosis.checks.seed_scripts import BY_FUNCTIONS, BY_MAIN, BY_RESOURCE, CLEAN


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize(
    ("there", "how"), [("Bo", "differs in letter case"), ("@bo", "with an @"), ("bo ", "with a blank that is not seen")]
)
def test_a_handle_that_is_written_otherwise(name: str, there: str, how: str) -> None:
    finding = only(played(CLEAN[name], people=("annika", there, "cleo")))
    assert finding.code == "SEED101"
    assert "bin/ddb/seed asks for the handle 'bo' in line " in finding.cause
    assert f"{SQL_PATH}:3 has {there!r} ({how}" in finding.cause
    assert {each.place.path for each in finding.evidence if each.place} == {SEED_PATH, SQL_PATH}
    assert finding.fixable
    if finding.edits[0].path == SEED_PATH:
        assert codes(played(mended(finding, CLEAN[name]), people=("annika", there, "cleo"))) == []
    else:
        assert "'bo'," in mended(finding, sql_of(("annika", there, "cleo")))


@pytest.mark.parametrize("seed", [BY_FUNCTIONS, BY_MAIN, BY_RESOURCE])
def test_a_user_who_is_not_there(seed: str) -> None:
    finding = only(played(seed, people=("annika", "cleo")))
    assert finding.code == "SEED101"
    assert "'bo'" in finding.cause
    assert "users has 'annika', 'cleo'" in finding.cause
    assert "Insert a user with the handle 'bo'" in finding.advice
    assert not finding.edits


def test_the_nearest_is_one_whom_nobody_asks_for() -> None:
    finding = only(played(BY_FUNCTIONS, people=("annika", "annika2", "cleo")))
    assert "annika2" not in finding.cause.partition("users has")[0]
    slip = BY_FUNCTIONS.replace("'annika'", "'anika'")
    finding = only(played(slip))
    assert (finding.code, finding.place) == ("SEED101", Place(path=SEED_PATH, line=15))
    assert "'annika' (the nearest)" in finding.cause
    assert codes(played(mended(finding, slip))) == []


def test_nobody_is_there() -> None:
    finding = only(played(BY_FUNCTIONS, people=()))
    assert finding.code == "SEED101"
    assert "asks for 'annika', 'bo', and the table of users in Postgres has no row" in finding.cause


def test_many_users_are_not_all_listed() -> None:
    people = ("annika", *(f"p{number}" for number in range(200)))
    finding = only(played(BY_FUNCTIONS, people=people))
    assert "and 193 more" in finding.cause
    assert len(finding.cause) < 300


def test_a_handle_in_another_column() -> None:
    facts = played(BY_FUNCTIONS, people=("annika", "cleo"))
    users = facts.held.relations["users"]
    rows = (*users.rows, {"uuid": "0", "handle": "Bo Ek", "display_name": "bo"})
    first = replace(facts.held, relations={"users": replace(users, rows=rows, count=3)})
    assert facts.rehearsal is not None
    finding = only(replace(facts, held=first, rehearsal=replace(facts.rehearsal, first=first)))
    assert "users holds it in the column display_name" in finding.cause
    assert "in the order of its columns" in finding.advice


def test_a_pattern_script_asks_for_somebody_else() -> None:
    script = source(
        "bin/ddb/patterns/list-conversations",
        "#!/usr/bin/env python3\nfrom lib.db import db\nmy_handle = 'anikka'\n"
        "me = db.query_row('SELECT uuid FROM users WHERE handle = %s', (my_handle,))\nprint(me['uuid'])\n",
        "pattern-groups",
    )
    finding = only(played(BY_FUNCTIONS, others=[script]))
    assert (finding.code, str(finding.place)) == ("SEED101", "bin/ddb/patterns/list-conversations:3")
    assert "'annika' (the nearest)" in finding.cause


def test_failing_sql_explains_who_is_missing() -> None:
    statement = "INSERT INTO users (display_name, handle) VALUES ('Bo Ek', 'bo');"
    error = SqlError(
        place=Place(path=SQL_PATH, line=2),
        severity="ERROR",
        sqlstate="23502",
        message='null value in column "email" of relation "users" violates not-null constraint',
        statement=statement,
    )
    run = SqlRun(path=SQL_PATH, pass_=1, command="psql", exit_code=0, stdout="", stderr="", errors=(error,))
    for seed in (BY_FUNCTIONS, BY_MAIN, BY_RESOURCE):
        for people in (("annika", "cleo"), ()):
            told = found(played(seed, people=people, sql=[run]))
            assert [each.code for each in told if each.code.startswith(("SEED", "ENV"))] == [], told


def test_what_is_written_and_not_looked_up_is_not_asked_for() -> None:
    written = changed(BY_RESOURCE, ('for handle in ["annika", "bo"]', 'for handle in ("annika", "bo")'))
    extra = written + "\nlog = print\nlog('handle', 'nobody')\nuser_handle = 'someone_else'\n"
    assert codes(played(extra)) == []
