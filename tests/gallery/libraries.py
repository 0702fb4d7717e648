"""The application's library in the manner of a class: every function spells its query or item out."""

from __future__ import annotations

OF_A_CLASS = """\
import boto3
import uuid
import os
from datetime import datetime, timezone


class Ddb:
    def client():
        endpoint_url = os.getenv("AWS_ENDPOINT_URL")
        if endpoint_url:
            attrs = {"endpoint_url": endpoint_url}
        else:
            attrs = {}
        return boto3.client("dynamodb", **attrs)

    def list_message_groups(client, my_user_uuid, start=None):
        table_name = "cruddur-messages"
        query_params = {
            "TableName": table_name,
            "KeyConditionExpression": "pk = :pk",
            "ScanIndexForward": False,
            "Limit": 20,
            "ExpressionAttributeValues": {":pk": {"S": f"GRP#{my_user_uuid}"}},
        }
        if start:
            query_params["ExclusiveStartKey"] = start
        response = client.query(**query_params)
        results = []
        for item in response["Items"]:
            results.append(
                {
                    "uuid": item["message_group_uuid"]["S"],
                    "display_name": item["user_display_name"]["S"],
                    "handle": item["user_handle"]["S"],
                    "message": item["message"]["S"],
                    "created_at": item["sk"]["S"],
                }
            )
        return results

    def is_member(client, message_group_uuid, my_user_uuid):
        response = client.query(
            TableName="cruddur-messages",
            IndexName="message-group-sk-index",
            KeyConditionExpression="message_group_uuid = :message_group_uuid",
            ExpressionAttributeValues={":message_group_uuid": {"S": message_group_uuid}},
        )
        return f"GRP#{my_user_uuid}" in [item["pk"]["S"] for item in response["Items"]]

    def list_messages(client, message_group_uuid, start=None):
        table_name = "cruddur-messages"
        query_params = {
            "TableName": table_name,
            "KeyConditionExpression": "pk = :pk",
            "ScanIndexForward": False,
            "Limit": 20,
            "ExpressionAttributeValues": {":pk": {"S": f"MSG#{message_group_uuid}"}},
        }
        if start:
            query_params["ExclusiveStartKey"] = start
        response = client.query(**query_params)
        items = response["Items"]
        items.reverse()
        results = []
        for item in items:
            results.append(
                {
                    "uuid": item["message_uuid"]["S"],
                    "display_name": item["user_display_name"]["S"],
                    "handle": item["user_handle"]["S"],
                    "message": item["message"]["S"],
                    "created_at": item["sk"]["S"],
                }
            )
        return results

    def create_message(client, message_group_uuid, message, my_user_uuid, my_user_display_name, my_user_handle):
        created_at = datetime.now(timezone.utc).isoformat(timespec="microseconds")
        message_uuid = str(uuid.uuid4())
        record = {
            "pk": {"S": f"MSG#{message_group_uuid}"},
            "sk": {"S": created_at},
            "message": {"S": message},
            "message_uuid": {"S": message_uuid},
            "user_uuid": {"S": my_user_uuid},
            "user_display_name": {"S": my_user_display_name},
            "user_handle": {"S": my_user_handle},
        }
        response = client.put_item(TableName="cruddur-messages", Item=record)
        print(response)
        return {
            "message_group_uuid": message_group_uuid,
            "uuid": message_uuid,
            "display_name": my_user_display_name,
            "handle": my_user_handle,
            "message": message,
            "created_at": created_at,
        }

    def create_message_group(client, message, mine, theirs):
        for group in Ddb.list_message_groups(client, mine["uuid"]):
            if group["handle"] == theirs["handle"]:
                return {"message_group_uuid": group["uuid"]}
        table_name = "cruddur-messages"
        message_group_uuid = str(uuid.uuid4())
        last_message_at = datetime.now(timezone.utc).isoformat(timespec="microseconds")
        my_message_group = {
            "pk": {"S": f"GRP#{mine['uuid']}"},
            "sk": {"S": last_message_at},
            "message_group_uuid": {"S": message_group_uuid},
            "message": {"S": message},
            "user_uuid": {"S": theirs["uuid"]},
            "user_display_name": {"S": theirs["display_name"]},
            "user_handle": {"S": theirs["handle"]},
        }
        other_message_group = {
            "pk": {"S": f"GRP#{theirs['uuid']}"},
            "sk": {"S": last_message_at},
            "message_group_uuid": {"S": message_group_uuid},
            "message": {"S": message},
            "user_uuid": {"S": mine["uuid"]},
            "user_display_name": {"S": mine["display_name"]},
            "user_handle": {"S": mine["handle"]},
        }
        first_message = {
            "pk": {"S": f"MSG#{message_group_uuid}"},
            "sk": {"S": last_message_at},
            "message": {"S": message},
            "message_uuid": {"S": str(uuid.uuid4())},
            "user_uuid": {"S": mine["uuid"]},
            "user_display_name": {"S": mine["display_name"]},
            "user_handle": {"S": mine["handle"]},
        }
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table_name, "Item": my_message_group}},
                {"Put": {"TableName": table_name, "Item": other_message_group}},
                {"Put": {"TableName": table_name, "Item": first_message}},
            ]
        )
        return {"message_group_uuid": message_group_uuid}
"""

#: What a class gets wrong in it, one after the other.
MISTAKES = (
    ('        if start:\n            query_params["ExclusiveStartKey"] = start\n', ""),
    (", start=None)", ")"),
    ('"KeyConditionExpression": "pk = :pk"', '"KeyConditionExpression": "pk = :pk AND begins_with(sk,:year)"'),
    ('{"S": f"GRP#{my_user_uuid}"}}', '{"S": f"GRP#{my_user_uuid}"}, ":year": {"S": year}}'),
    (
        '{":pk": {"S": f"MSG#{message_group_uuid}"}}',
        '{":year": {"S": year}, ":pk": {"S": f"MSG#{message_group_uuid}"}}',
    ),
    (
        '        table_name = "cruddur-messages"\n        query',
        '        year = str(datetime.now().year)\n        table_name = "cruddur-messages"\n        query',
    ),
    ('            "uuid": message_uuid,', '            "uuid": my_user_uuid,'),
    (
        (
            '        for group in Ddb.list_message_groups(client, mine["uuid"]):\n            if group["handle"] == theirs["handle"]:\n'
            '                return {"message_group_uuid": group["uuid"]}\n'
        ),
        "",
    ),
    (
        "        client.transact_write_items(\n            TransactItems=[\n",
        '        client.batch_write_item(RequestItems={\n            "cruddur-messages": [\n',
    ),
    ('{"Put": {"TableName": table_name, "Item": ', '{"PutRequest": {"Item": '),
    (
        '            ]\n        )\n        return {"message_group_uuid"',
        '            ]\n        })\n        return {"message_group_uuid"',
    ),
    ('datetime.now(timezone.utc).isoformat(timespec="microseconds")', "datetime.now().isoformat()"),
)


def with_mistakes(text: str) -> str:
    """Return the library as a class leaves it."""
    for old, new in MISTAKES:
        if old not in text:
            raise ValueError(f"the library has no {old!r}")
        text = text.replace(old, new)
    return text
