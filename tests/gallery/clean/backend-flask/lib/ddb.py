"""The conversations: one table, five access patterns."""

import os
import uuid
from datetime import datetime, timezone

import boto3

TABLE = os.getenv("DDB_MESSAGE_TABLE", "cruddur-messages")


class Ddb:
    @staticmethod
    def client():
        return boto3.client("dynamodb", endpoint_url=os.getenv("AWS_ENDPOINT_URL"))

    @staticmethod
    def now():
        return datetime.now(timezone.utc).isoformat(timespec="microseconds")

    @staticmethod
    def _pages(client, query, limit):
        found = []
        while len(found) < limit:
            page = client.query(**query, Limit=limit - len(found))
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            query = {**query, "ExclusiveStartKey": page["LastEvaluatedKey"]}
        return found

    @staticmethod
    def list_message_groups(client, my_user_uuid, limit=20):
        query = {
            "TableName": TABLE,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": f"GRP#{my_user_uuid}"}},
            "ScanIndexForward": False,
        }
        return [
            {
                "uuid": item["message_group_uuid"]["S"],
                "display_name": item["user_display_name"]["S"],
                "handle": item["user_handle"]["S"],
                "message": item["message"]["S"],
                "created_at": item["sk"]["S"],
            }
            for item in Ddb._pages(client, query, limit)
        ]

    @staticmethod
    def is_member(client, message_group_uuid, my_user_uuid):
        found = client.query(
            TableName=TABLE,
            IndexName="message-group-sk-index",
            KeyConditionExpression="message_group_uuid = :group",
            ExpressionAttributeValues={":group": {"S": message_group_uuid}},
        )
        return any(item["pk"]["S"] == f"GRP#{my_user_uuid}" for item in found["Items"])

    @staticmethod
    def list_messages(client, message_group_uuid, limit=20):
        query = {
            "TableName": TABLE,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": f"MSG#{message_group_uuid}"}},
            "ScanIndexForward": False,
        }
        items = Ddb._pages(client, query, limit)
        items.reverse()
        return [
            {
                "uuid": item["message_uuid"]["S"],
                "display_name": item["user_display_name"]["S"],
                "handle": item["user_handle"]["S"],
                "message": item["message"]["S"],
                "created_at": item["sk"]["S"],
            }
            for item in items
        ]

    @staticmethod
    def create_message(client, message_group_uuid, message, my_user_uuid, my_user_display_name, my_user_handle):
        created_at, message_uuid = Ddb.now(), str(uuid.uuid4())
        item = Ddb._message(
            message_group_uuid, message_uuid, created_at, message, my_user_uuid, my_user_display_name, my_user_handle
        )
        client.put_item(TableName=TABLE, Item=item)
        return {
            "message_group_uuid": message_group_uuid,
            "uuid": message_uuid,
            "display_name": my_user_display_name,
            "handle": my_user_handle,
            "message": message,
            "created_at": created_at,
        }

    @staticmethod
    def create_message_group(client, message, mine, theirs):
        for group in Ddb.list_message_groups(client, mine["uuid"], limit=1000):
            if group["handle"] == theirs["handle"]:
                return {"message_group_uuid": group["uuid"]}
        group_uuid, created_at = str(uuid.uuid4()), Ddb.now()
        items = [
            Ddb._group(group_uuid, created_at, message, owner=mine, other=theirs),
            Ddb._group(group_uuid, created_at, message, owner=theirs, other=mine),
            Ddb._message(
                group_uuid, str(uuid.uuid4()), created_at, message, mine["uuid"], mine["display_name"], mine["handle"]
            ),
        ]
        client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": item}} for item in items])
        return {"message_group_uuid": group_uuid}

    @staticmethod
    def _group(group_uuid, created_at, message, *, owner, other):
        return {
            "pk": {"S": f"GRP#{owner['uuid']}"},
            "sk": {"S": created_at},
            "message_group_uuid": {"S": group_uuid},
            "message": {"S": message},
            "user_uuid": {"S": other["uuid"]},
            "user_display_name": {"S": other["display_name"]},
            "user_handle": {"S": other["handle"]},
        }

    @staticmethod
    def _message(group_uuid, message_uuid, created_at, message, user_uuid, display_name, handle):
        return {
            "pk": {"S": f"MSG#{group_uuid}"},
            "sk": {"S": created_at},
            "message": {"S": message},
            "message_uuid": {"S": message_uuid},
            "user_uuid": {"S": user_uuid},
            "user_display_name": {"S": display_name},
            "user_handle": {"S": handle},
        }
