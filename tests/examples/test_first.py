"""The first test: each one finds the seed as if nobody had ever been there."""


def test_a_group_is_read_by_its_key(harness_dynamodb_table, harness_dataset):
    group = harness_dataset.groups[0]
    found = harness_dynamodb_table.query(
        KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": f"MSG#{group.uuid}"}
    )
    assert found["Count"] == group.message_count


def test_everybody_is_there(harness_postgres, harness_dataset):
    harness_postgres.execute("DELETE FROM activities")
    assert harness_postgres.execute("SELECT count(*) FROM users").fetchone() == (len(harness_dataset.users),)


def test_and_everything_again(harness_postgres, harness_dataset):
    assert harness_postgres.execute("SELECT count(*) FROM activities").fetchone() == (len(harness_dataset.activities),)


def test_items_with_their_types(harness_dynamodb, harness_dataset):
    item = next(harness_dataset.items())
    key = {name: item[name] for name in ("pk", "sk")}
    assert harness_dynamodb.get_item(TableName=harness_dataset.table, Key=key)["Item"] == item
