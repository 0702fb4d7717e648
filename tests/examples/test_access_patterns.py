"""What the code under test asked of the table: Query or Scan, on which index, for how much, and what it wrote."""

from boto3.dynamodb.conditions import Key


def newest_messages(table, group):
    """The code under test."""
    found = table.query(KeyConditionExpression=Key("pk").eq(f"MSG#{group}"), ScanIndexForward=False, Limit=5)
    return found["Items"]


def group_rows(table, group):
    return table.query(IndexName="message-group-sk-index", KeyConditionExpression=Key("message_group_uuid").eq(group))


def test_messages_are_queried(harness_namespace, harness_dataset):
    group = harness_dataset.groups[0].uuid
    with harness_namespace.watch() as seen:
        assert len(newest_messages(harness_namespace.table, group)) == 5
    seen.assert_query(key=f"MSG#{group}", max_rcu=0.5)
    seen.assert_no_scan()
    seen.assert_wrote()  # nothing


def test_rows_of_a_group_come_from_the_index(harness_namespace, harness_dataset):
    with harness_namespace.watch() as seen:
        assert group_rows(harness_namespace.table, harness_dataset.groups[0].uuid)["Count"] == 2
    seen.assert_query(index="message-group-sk-index", max_rcu=1)


def test_one_item_is_written_and_one_is_gone(harness_namespace):
    table = harness_namespace.table
    table.put_item(Item={"pk": "MSG#1", "sk": "2026-01-01", "message": "old"})
    with harness_namespace.watch() as seen:
        table.delete_item(Key={"pk": "MSG#1", "sk": "2026-01-01"})
        table.put_item(Item={"pk": "MSG#1", "sk": "2026-01-02", "message": "hello", "likes": 3})
        table.update_item(
            Key={"pk": "MSG#1", "sk": "2026-01-02"},
            UpdateExpression="SET likes = likes + :one",
            ExpressionAttributeValues={":one": 1},
        )
    seen.assert_wrote(
        [{"pk": "MSG#1", "sk": "2026-01-02", "message": "hello", "likes": 4}],
        deleted=[{"pk": "MSG#1", "sk": "2026-01-01"}],
    )
