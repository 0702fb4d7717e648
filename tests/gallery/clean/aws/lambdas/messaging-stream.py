"""Access pattern E: a message moves its group to the top, for both people."""

import os

import boto3

TABLE = os.environ.get("DDB_MESSAGE_TABLE", "cruddur-messages")
INDEX = "message-group-sk-index"

client = boto3.client("dynamodb")


def lambda_handler(event, context):
    for record in event["Records"]:
        keys = record["dynamodb"]["Keys"]
        if not keys["pk"]["S"].startswith("MSG#"):
            continue
        group_uuid = keys["pk"]["S"].removeprefix("MSG#")
        if record["eventName"] == "INSERT":
            message = record["dynamodb"]["NewImage"]
            move_on(group_uuid, message["sk"]["S"], message["message"]["S"])
        elif record["eventName"] == "REMOVE":
            move_back(group_uuid, keys["sk"]["S"])


def move_on(group_uuid, created_at, text):
    for item in group_rows(group_uuid):
        # A record that comes late, or twice, must not move the group back.
        if item["sk"]["S"] < created_at:
            move(item, created_at, text)


def move_back(group_uuid, removed_at):
    newest = client.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"MSG#{group_uuid}"}},
        ScanIndexForward=False,
        Limit=1,
    )["Items"]
    for item in group_rows(group_uuid):
        if newest and item["sk"]["S"] == removed_at:
            move(item, newest[0]["sk"]["S"], newest[0]["message"]["S"])


def group_rows(group_uuid):
    return client.query(
        TableName=TABLE,
        IndexName=INDEX,
        KeyConditionExpression="message_group_uuid = :group",
        ExpressionAttributeValues={":group": {"S": group_uuid}},
    )["Items"]


def move(item, created_at, text):
    moved = {**item, "sk": {"S": created_at}, "message": {"S": text}}
    client.transact_write_items(
        TransactItems=[
            {"Delete": {"TableName": TABLE, "Key": {"pk": item["pk"], "sk": item["sk"]}}},
            {"Put": {"TableName": TABLE, "Item": moved}},
        ]
    )
