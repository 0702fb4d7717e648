"""Tests that only read share one pair: nothing is made for them."""

import pytest


@pytest.fixture(scope="session")
def handles(harness_shared):
    return [row[0] for row in harness_shared.postgres.execute("SELECT handle FROM users")]


def test_handles(handles, harness_shared):
    assert sorted(handles) == sorted(user.handle for user in harness_shared.dataset.users)


def test_messages(harness_shared):
    group = harness_shared.dataset.groups[0]
    with harness_shared.watch() as seen:
        found = harness_shared.dynamodb.query(
            TableName=harness_shared.config.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"MSG#{group.uuid}"}},
        )
    assert found["Count"] == group.message_count
    seen.assert_query(key=f"MSG#{group.uuid}")
