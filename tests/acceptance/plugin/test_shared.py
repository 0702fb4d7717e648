"""`harness_shared`: writes through it are refused and named, writes past it are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.acceptance.plugin.conftest import Inner

pytestmark = pytest.mark.embedded


def test_a_write_fails_its_test_and_names_itself(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
import boto3

def test_item(harness_shared):
    harness_shared.table.put_item(Item={"pk": "a", "sk": "b"})

def test_row(harness_shared):
    harness_shared.postgres.execute("DELETE FROM users")

def test_swallowed_item(harness_shared):
    try:
        harness_shared.dynamodb.delete_table(TableName=harness_shared.config.table)
    except Exception:
        pass

def test_swallowed_row(harness_shared):
    try:
        harness_shared.postgres.execute("DELETE FROM activities")
    except Exception:
        pass

def test_own_client(harness_shared):
    with harness_shared.applied():
        table = boto3.resource("dynamodb").Table(harness_shared.config.table)
        assert table.scan(Limit=1)["Count"]
        table.put_item(Item={"pk": "own", "sk": "b"})

def test_reading_goes_on(harness_shared):
    assert harness_shared.changes() == ()
    harness_shared.dynamodb.execute_statement(Statement='SELECT * FROM "cruddur-messages"')
""",
    )
    result = inner.run()
    result.assert_outcomes(failed=5, passed=1)
    for write in ('PutItem*{"pk": {"S": "a"}', "DeleteTable*", "DELETE FROM activities", 'PutItem*{"pk": {"S": "own"}'):
        result.stdout.fnmatch_lines(["*harness_shared is for reading, and this would have changed it*", f"*  {write}*"])
    result.stdout.fnmatch_lines(["E *ReadOnlySqlTransaction: cannot execute DELETE in a read-only transaction*"])


def test_a_write_past_it_is_found_at_the_end(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
import psycopg

def test_insists(harness_shared):
    with psycopg.connect(harness_shared.endpoints.postgres.dsn, options="-c default_transaction_read_only=off") as own:
        own.execute("DELETE FROM activities")

def test_last(harness_shared): pass
""",
    )
    result = inner.run()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["harness_shared was written to, past its clients and its connection", "public.activities: *removed"]
    )


def test_a_marker_can_not_change_it(inner: Inner) -> None:
    inner.write(
        "test_it.py",
        """
import pytest

@pytest.mark.harness(seed=3)
def test_marked(harness_shared): pass

@pytest.mark.harness(seed=3)
def test_both(harness_shared, harness_namespace):
    assert (harness_shared.dataset.seed, harness_namespace.dataset.seed) == (1, 3)
""",
    )
    result = inner.run()
    result.assert_outcomes(failed=0, errors=1, passed=1)
    result.stdout.fnmatch_lines(["harness_shared is one pair for all tests*", "hint: take harness_namespace*"])
