"""What the assertions about requests say when they don't hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.acceptance.plugin.conftest import Inner

pytestmark = pytest.mark.embedded

TESTS = """
import pytest
from boto3.dynamodb.conditions import Attr, Key

@pytest.fixture
def table(harness_dynamodb_table):
    return harness_dynamodb_table

def test_scan(table, harness_namespace):
    with harness_namespace.watch() as seen:
        table.scan(FilterExpression=Attr("pk").eq("MSG#1"))
    seen.assert_no_scan()

def test_query(table, harness_namespace):
    with harness_namespace.watch() as seen:
        table.get_item(Key={"pk": "MSG#1", "sk": "1"})
    seen.assert_query(index="message-group-sk-index")

def test_budget(table, harness_namespace, harness_dataset):
    group = harness_dataset.groups[0].uuid
    with harness_namespace.watch() as seen:
        table.query(KeyConditionExpression=Key("pk").eq(f"MSG#{group}"), ConsistentRead=True)
    seen.assert_query(key=f"MSG#{group}", max_rcu=0.5)

def test_wrote(table, harness_namespace):
    with harness_namespace.watch() as seen:
        table.put_item(Item={"pk": "MSG#1", "sk": "1", "n": 1})
        table.put_item(Item={"pk": "MSG#1", "sk": "2", "n": 1})
    seen.assert_wrote([{"pk": "MSG#1", "sk": "1", "n": 1}, {"pk": "MSG#1", "sk": "2", "n": 2}])

def test_wrote_nothing(table, harness_namespace):
    with harness_namespace.watch() as seen:
        table.delete_item(Key={"pk": "MSG#1", "sk": "1"})
    seen.assert_wrote()

def test_partiql(harness_dynamodb, harness_namespace):
    with harness_namespace.watch() as seen:
        harness_dynamodb.execute_statement(Statement='SELECT * FROM "cruddur-messages"')
    seen.assert_no_scan()
"""


def test_messages_name_expected_actual_and_requests(inner: Inner) -> None:
    inner.write("test_it.py", TESTS)
    result = inner.run()
    result.assert_outcomes(failed=6)
    said = result.stdout
    said.fnmatch_lines(["E *AssertionError: expected  no Scan", "E *actual    Scan {*", "E *requests", "E *  Scan {*"])
    said.fnmatch_lines(
        [
            "E *expected  a Query of the table, index message-group-sk-index",
            "E *actual    none of the requests is one",
            "E *  GetItem {*",
        ]
    )
    said.fnmatch_lines(
        [
            "E *expected  a Query of the table that names 'MSG#*', with at most 0.5 read capacity units",
            "E *actual    * in 1 request",
        ]
    )
    said.fnmatch_lines(
        [
            "E *expected  1 as expected, and wrote {'n': 2, 'pk': 'MSG#1', 'sk': '2'}",
            "E *actual    1 as expected, and wrote {'n': 1, 'pk': 'MSG#1', 'sk': '2'}",
        ]
    )
    said.fnmatch_lines(["E *expected  nothing else", "E *actual    deleted {'pk': 'MSG#1', 'sk': '1'}"])
    said.fnmatch_lines(["E *expected  no Scan, and no SELECT that may be one"])
    assert "harness/testing/watching.py" not in said.str()
