"""What a failed test tells of its namespace, and what becomes of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.acceptance.plugin.conftest import Inner

pytestmark = pytest.mark.embedded


def test_report_tells_changes_requests_capacity_and_deliveries(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
def test_it(harness_dynamodb_table, harness_postgres, harness_stream):
    harness_dynamodb_table.put_item(Item={"pk": "MSG#1", "sk": "1", "message": "hello"})
    harness_postgres.execute("UPDATE users SET display_name = 'Somebody' WHERE handle = 'bayko'")
    def handler(event, context):
        raise ValueError("no good")
    trigger = harness_stream(handler, mapping={"MaximumRetryAttempts": 1})
    trigger.drain()
    assert False
""",
    )
    result = inner.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- harness: changes against the seed -*",
            "cruddur-messages: 1 added",
            '  + {pk: "MSG#1", sk: "1", message: "hello"}',
            "public.users: 1 changed",
            '  ~ display_name: "*" -> "Somebody"  of {*handle: "bayko"*',
            "*- harness: requests to DynamoDB -*",
            '  PutItem {"TableName": "cruddur-messages", "Item": {"pk": {"S": "MSG#1"}*',
            "*- harness: consumed capacity -*",
            "1 units  PutItem x1",
            "*- harness: stream deliveries -*",
            "handler: 0 records handled in 2 calls; 2 calls failed, 0 records filtered out, 1 discarded",
            "  attempt 1 with INSERT -> ValueError: no good",
            "  attempt 2 with INSERT -> ValueError: no good",
            "  gave up 1 records",
        ]
    )


def test_passing_and_expected_failures_tell_nothing(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
import pytest

def test_passes(harness_dynamodb_table):
    harness_dynamodb_table.put_item(Item={"pk": "MSG#1", "sk": "1"})

@pytest.mark.xfail
def test_is_known(harness_namespace):
    assert False
""",
    )
    result = inner.run("-rA")
    result.assert_outcomes(passed=1, xfailed=1)
    assert "harness: changes" not in result.stdout.str()


def test_a_fixture_of_the_users_that_fails_tells_it_too(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
import pytest

@pytest.fixture
def data(harness_postgres):
    harness_postgres.execute("DELETE FROM activities")
    raise ValueError("no good")

def test_it(data): pass
""",
    )
    result = inner.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*harness: changes against the seed*", "public.activities: * removed"])


@pytest.mark.parametrize(
    ("ruin", "told"),
    [
        (
            "namespace.dynamodb.delete_table(TableName=namespace.config.table)",
            "cruddur-messages: the table was deleted",
        ),
        ("namespace.postgres.execute('DROP TABLE activities')", "public.activities: the table was dropped"),
        (
            "drop_database(namespace.name)",
            "harness_*: *no database*",
        ),
    ],
    ids=["table", "relation", "database"],
)
def test_what_a_test_ruins_is_told_and_the_next_is_well(inner: Inner, ruin: str, told: str) -> None:
    inner.write(
        "test_it.py",
        f"""
import os, psycopg

def drop_database(name):
    with psycopg.connect(os.environ["HARNESS_POSTGRES_DSN"], autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {{name}} WITH (FORCE)")

def test_ruins(harness_namespace):
    namespace = harness_namespace
    {ruin}
    assert False

def test_next(harness_namespace):
    assert harness_namespace.changes() == ()
""",
    )
    result = inner.run()
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines([told])


def test_what_a_test_leaks_does_not_reach_the_next(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
import threading, psycopg

LEFT, STOP = [], threading.Event()

def test_leaks(harness_namespace):
    for _ in range(3):
        connection = psycopg.connect(harness_namespace.endpoints.postgres.dsn)
        connection.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE" if not LEFT else "SELECT 1")
        LEFT.append(connection)
    table = harness_namespace.table
    def write():
        while not STOP.wait(0.001):
            try:
                table.put_item(Item={"pk": "leaked", "sk": "1"})
            except Exception:
                pass
    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    LEFT.append(thread)

def test_kills_its_connection(harness_postgres):
    try:
        harness_postgres.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    except psycopg.OperationalError:
        pass

def test_next(harness_namespace):
    for _ in range(20):
        harness_namespace.table.scan(Limit=1)
    assert harness_namespace.changes() == ()
    harness_namespace.postgres.execute("DELETE FROM activities")

def test_and_next(harness_namespace):
    assert harness_namespace.changes() == ()
    STOP.set()
    LEFT[-1].join()
    for connection in LEFT[:-1]:
        connection.close()
""",
    )
    inner.run().assert_outcomes(passed=4)


def test_keep_leaves_a_failed_tests_namespace_and_tells_how_to_connect(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
from pathlib import Path

def test_fails(harness_postgres):
    harness_postgres.execute("DELETE FROM activities")
    assert False

def test_passes(harness_namespace):
    Path("passed").write_text(harness_namespace.endpoints.postgres.dsn)
""",
    )
    result = inner.run("--harness-keep")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*harness: kept harness_*", "psql postgresql://*", "AWS_ACCESS_KEY_ID=* aws dynamodb scan *"]
    )
    [dsn] = re.findall(r"^psql '?(postgresql://[^\s']+)", result.stdout.str(), re.MULTILINE)
    with psycopg.connect(dsn) as kept:
        assert kept.execute("SELECT count(*) FROM activities").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect((inner.folder / "passed").read_text())
    # It is the user's; here it goes with the engines that it is on.


def test_an_error_of_ours_in_a_test_shows_its_hint(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
def test_it(harness_stream):
    harness_stream("message_group_steam")
""",
    )
    result = inner.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *UsageError: the project has no handler 'message_group_steam'",
            "E *hint: did you mean `message_group_stream`?",
        ]
    )


def test_a_stuck_handler_is_told_with_its_trace(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
def test_it(harness_dynamodb_table, harness_stream):
    harness_dynamodb_table.put_item(Item={"pk": "MSG#1", "sk": "1"})
    def handler(event, context):
        raise ValueError("no good")
    harness_stream(handler)
    harness_stream.drain()
""",
    )
    result = inner.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *NotDelivered: handler failed on each of*", "E *ValueError: no good", "E *hint: mend the handler*"]
    )
    assert "harness/testing/attached.py" not in result.stdout.str()
