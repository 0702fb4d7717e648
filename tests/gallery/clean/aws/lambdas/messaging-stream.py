"""Access pattern E: a message moves its group to the top, for both people."""

import os

import boto3

TABLE = os.environ.get("DDB_MESSAGE_TABLE", "cruddur-messages")
INDEX = "message-group-sk-index"

client = boto3.client("dynamodb")


def lambda_handler(event, context):
    for record in event["Records"]:
        if record["eventName"] != "INSERT":
            continue
        message = record["dynamodb"]["NewImage"]
        if message["pk"]["S"].startswith("MSG#"):
            move_groups(message["pk"]["S"].removeprefix("MSG#"), message["sk"]["S"], message["message"]["S"])


def move_groups(group_uuid, created_at, text):
    found = client.query(
        TableName=TABLE,
        IndexName=INDEX,
        KeyConditionExpression="message_group_uuid = :group",
        ExpressionAttributeValues={":group": {"S": group_uuid}},
    )
    for item in found["Items"]:
        # A record that comes late, or twice, must not move the group back.
        if item["sk"]["S"] >= created_at:
            continue
        moved = {**item, "sk": {"S": created_at}, "message": {"S": text}}
        client.transact_write_items(
            TransactItems=[
                {"Delete": {"TableName": TABLE, "Key": {"pk": item["pk"], "sk": item["sk"]}}},
                {"Put": {"TableName": TABLE, "Item": moved}},
            ]
        )
