"""Data access modules in the reference application's manner, written for these tests: two that do it right, and their faults."""

from __future__ import annotations

#: A class of plain functions on a boto3 client whose endpoint comes from the environment.
PLAIN = """
import os
import uuid
from datetime import datetime, timedelta, timezone

import boto3

TABLE = os.environ.get("DDB_MESSAGE_TABLE", "cruddur-messages")
YEAR = "2026"


def now():
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def query(client, condition, values, **more):
    values = {name: {"S": value} for name, value in values.items()}
    pages = client.get_paginator("query").paginate(
        TableName=TABLE, KeyConditionExpression=condition, ExpressionAttributeValues=values, **more
    )
    return [item for page in pages for item in page["Items"]]


def members(client, message_group_uuid):
    rows = query(
        client, "message_group_uuid = :group", {":group": message_group_uuid}, IndexName="message-group-sk-index"
    )
    return [row["pk"]["S"].removeprefix("GRP#") for row in rows]


def checked(message):
    if not message.strip():
        raise ValueError("message_blank")
    if len(message) > 1024:
        raise ValueError("message_exceed_max_chars")


def person(uuid, display_name, handle):
    return {"user_uuid": {"S": uuid}, "user_display_name": {"S": display_name}, "user_handle": {"S": handle}}


def put(item):
    return {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}


class Ddb:
    def client():
        url = os.getenv("AWS_ENDPOINT_URL")
        return boto3.client("dynamodb", **({"endpoint_url": url} if url else {}))

    def list_message_groups(client, my_user_uuid):
        rows = query(client, "pk = :pk", {":pk": f"GRP#{my_user_uuid}"}, ScanIndexForward=False)
        return [
            {
                "uuid": row["message_group_uuid"]["S"],
                "display_name": row["user_display_name"]["S"],
                "handle": row["user_handle"]["S"],
                "message": row["message"]["S"],
                "created_at": row.get("last_message_at", row["sk"])["S"],
            }
            for row in rows
        ]

    def list_messages(client, message_group_uuid, my_user_uuid):
        known = members(client, message_group_uuid)
        if known and my_user_uuid not in known:
            raise PermissionError(f"{my_user_uuid} is in another conversation")
        items = query(client, "pk = :pk", {":pk": f"MSG#{message_group_uuid}"}, ScanIndexForward=False)
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

    def create_message(client, message_group_uuid, message, my_user_uuid, my_user_display_name, my_user_handle):
        checked(message)
        if my_user_uuid not in members(client, message_group_uuid):
            raise PermissionError(my_user_uuid)
        created_at, message_uuid = now(), str(uuid.uuid4())
        item = {
            "pk": {"S": f"MSG#{message_group_uuid}"},
            "sk": {"S": created_at},
            "message": {"S": message},
            "message_uuid": {"S": message_uuid},
            **person(my_user_uuid, my_user_display_name, my_user_handle),
        }
        client.put_item(TableName=TABLE, Item=item, ConditionExpression="attribute_not_exists(pk)")
        return {
            "message_group_uuid": message_group_uuid,
            "uuid": message_uuid,
            "display_name": my_user_display_name,
            "handle": my_user_handle,
            "message": message,
            "created_at": created_at,
        }

    def create_message_group(
        client,
        message,
        my_user_uuid,
        my_user_display_name,
        my_user_handle,
        other_user_uuid,
        other_user_display_name,
        other_user_handle,
    ):
        checked(message)
        if my_user_uuid == other_user_uuid:
            raise ValueError("same_person")
        me = (my_user_uuid, my_user_display_name, my_user_handle)
        other = (other_user_uuid, other_user_display_name, other_user_handle)
        rows = query(client, "pk = :pk", {":pk": f"GRP#{my_user_uuid}"}, ConsistentRead=True)
        group = next((row["message_group_uuid"]["S"] for row in rows if row["user_uuid"]["S"] == other_user_uuid), None)
        if group is None:
            group, created_at = str(uuid.uuid4()), now()
            texts = {"sk": {"S": created_at}, "message": {"S": message}}
            pair = "#".join(sorted((my_user_uuid, other_user_uuid)))
            row = {**texts, "message_group_uuid": {"S": group}}
            items = [
                {"pk": {"S": f"PAIR#{pair}"}, "sk": {"S": "PAIR"}, "pair_group_uuid": {"S": group}},
                {"pk": {"S": f"GRP#{my_user_uuid}"}, **row, **person(*other)},
                {"pk": {"S": f"GRP#{other_user_uuid}"}, **row, **person(*me)},
                {"pk": {"S": f"MSG#{group}"}, **texts, "message_uuid": {"S": str(uuid.uuid4())}, **person(*me)},
            ]
            for _ in range(20):
                try:
                    client.transact_write_items(TransactItems=[put(item) for item in items])
                    return {"message_group_uuid": group}
                except client.exceptions.TransactionCanceledException as error:
                    conflict = "TransactionConflict" in str(error)
                key = {"pk": {"S": f"PAIR#{pair}"}, "sk": {"S": "PAIR"}}
                known = client.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
                if known is not None:
                    group = known["pair_group_uuid"]["S"]
                    break
        return Ddb.create_message(client, group, message, *me)
"""
#: Methods of an object that is made first, on the resource API, with a hint of its own way to refuse.
RESOURCE = """
import os
from datetime import datetime, timezone
from uuid import uuid4

import boto3
from boto3.dynamodb.conditions import Attr, Key


class Ddb:
    def __init__(self):
        self.table_name = os.environ["DDB_MESSAGE_TABLE"]

    def client(self):
        return boto3.resource("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])

    def _all(self, client, **query):
        table, items = client.Table(self.table_name), []
        while True:
            page = table.query(**query)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _members(self, client, group):
        rows = self._all(client, IndexName="message-group-sk-index", KeyConditionExpression=Key("message_group_uuid").eq(group))
        return {row["pk"][4:] for row in rows}

    def list_message_groups(self, client, my_user_uuid):
        rows = self._all(client, KeyConditionExpression=Key("pk").eq("GRP#" + my_user_uuid), ScanIndexForward=False)
        return [
            dict(uuid=row["message_group_uuid"], display_name=row["user_display_name"], handle=row["user_handle"],
                 message=row["message"], created_at=row.get("last_message_at", row["sk"]))
            for row in rows
        ]

    def list_messages(self, client, message_group_uuid, my_user_uuid=None):
        known = self._members(client, message_group_uuid)
        if known and my_user_uuid not in known:
            return {"errors": ["not_a_member"], "data": None}
        items = self._all(client, KeyConditionExpression=Key("pk").eq("MSG#" + message_group_uuid))
        return [
            dict(uuid=item["message_uuid"], display_name=item["user_display_name"], handle=item["user_handle"],
                 message=item["message"], created_at=item["sk"])
            for item in items
        ]

    def _refusal(self, message):
        if not message.strip():
            return {"errors": ["message_blank"]}
        return {"errors": ["message_exceed_max_chars"]} if len(message) > 1024 else None

    def create_message(self, client, message_group_uuid, message, my_user_uuid, my_user_display_name, my_user_handle):
        if refusal := self._refusal(message):
            return refusal
        if my_user_uuid not in self._members(client, message_group_uuid):
            return {"errors": ["not_a_member"]}
        stamp, uuid = datetime.now(timezone.utc).isoformat(timespec="microseconds"), str(uuid4())
        item = dict(pk="MSG#" + message_group_uuid, sk=stamp, message=message, message_uuid=uuid,
                    user_uuid=my_user_uuid, user_display_name=my_user_display_name, user_handle=my_user_handle)
        client.Table(self.table_name).put_item(Item=item, ConditionExpression=Attr("pk").not_exists())
        return dict(message_group_uuid=message_group_uuid, uuid=uuid, display_name=my_user_display_name,
                    handle=my_user_handle, message=message, created_at=stamp)

    def create_message_group(self, client, message, my_user_uuid, my_user_display_name, my_user_handle,
                             other_user_uuid, other_user_display_name, other_user_handle):
        if refusal := self._refusal(message):
            return refusal
        if my_user_uuid == other_user_uuid:
            return {"errors": ["same_person"]}
        own = self._all(client, KeyConditionExpression=Key("pk").eq("GRP#" + my_user_uuid), ConsistentRead=True)
        group = next((row["message_group_uuid"] for row in own if row["user_uuid"] == other_user_uuid), None)
        if group:
            return self.create_message(client, group, message, my_user_uuid, my_user_display_name, my_user_handle)
        stamp, uuid, group = datetime.now(timezone.utc).isoformat(timespec="microseconds"), str(uuid4()), str(uuid4())
        marker = dict(pk="PAIR#" + "#".join(sorted([my_user_uuid, other_user_uuid])), sk="PAIR", pair_group_uuid=group)
        mine = dict(user_uuid=my_user_uuid, user_display_name=my_user_display_name, user_handle=my_user_handle)
        theirs = dict(user_uuid=other_user_uuid, user_display_name=other_user_display_name, user_handle=other_user_handle)
        row = dict(sk=stamp, message=message, message_group_uuid=group)
        items = [marker, dict(pk="GRP#" + my_user_uuid, **row, **theirs), dict(pk="GRP#" + other_user_uuid, **row, **mine),
                 dict(pk="MSG#" + group, sk=stamp, message=message, message_uuid=uuid, **mine)]
        low = client.meta.client
        for _ in range(20):
            try:
                low.transact_write_items(TransactItems=[
                    {"Put": {"TableName": self.table_name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
                    for item in items
                ])
                return dict(message_group_uuid=group, uuid=uuid, display_name=my_user_display_name, handle=my_user_handle,
                            message=message, created_at=stamp)
            except low.exceptions.TransactionCanceledException:
                found = client.Table(self.table_name).get_item(
                    Key={"pk": marker["pk"], "sk": "PAIR"}, ConsistentRead=True
                ).get("Item")
                if found:
                    return self.create_message(client, found["pair_group_uuid"], message, my_user_uuid,
                                               my_user_display_name, my_user_handle)
"""
GOOD = {"plain functions on a client": PLAIN, "methods on the resource API": RESOURCE}

Steps = set[tuple[str, str]]
EVERY_MESSAGE = ("A", "every message once, newest first, over all pages and years")
FULL_PAGES = ("A", "full pages, and no cursor on the last one")


def clause(name: str, patterns: str) -> Steps:
    return {(pattern, f"all answers: {name}") for pattern in patterns}


SHAPE, STAMPS = "answers have their call's shape", "stamps are UTC, with six digits and an offset"
BY_YEAR = '"pk = :pk AND sk >= :year", {{":pk": f"{}", ":year": YEAR}}'

#: By fault: what stands in PLAIN, what takes its place, and the steps that must fail, no others.
FAULTS: dict[str, tuple[list[tuple[str, str]], Steps]] = {
    "naive stamps": (
        [("datetime.now(timezone.utc)", "datetime.now(timezone.utc).replace(tzinfo=None)")],
        clause(STAMPS, "CDE"),
    ),
    "stamps of another offset": (
        [("datetime.now(timezone.utc)", "datetime.now(timezone(timedelta(hours=-4)))")],
        clause(STAMPS, "CDE"),
    ),
    "naive stamps of another time zone": (
        [("datetime.now(timezone.utc)", "datetime.now(timezone(timedelta(hours=-4))).replace(tzinfo=None)")],
        clause(STAMPS, "CDE") | {("C", "it was created now"), ("D", "it was created now")},
    ),
    "stamps that come too early": (
        [("datetime.now(timezone.utc)", "(datetime.now(timezone.utc) - timedelta(hours=5))")],
        {("C", "it was created now"), ("D", "it was created now")},
    ),
    "no handle": (
        [('                "handle": item["user_handle"]["S"],\n', "")],
        # Everything that shows who wrote a message.
        clause(SHAPE, "ACD")
        | {EVERY_MESSAGE, ("C", "they are the newest messages"), ("D", "the answer tells the message and its sender")}
        | {("D", f"{who} reads its messages") for who in ("ann", "bea", "dov")},
    ),
    "values as DynamoDB writes them": (
        [('"display_name": row["user_display_name"]["S"]', '"display_name": row["user_display_name"]')],
        clause(SHAPE, "BDE"),
    ),
    "newest first": ([("        items.reverse()\n", "")], clause("a conversation is told oldest first", "ACD")),
    "no pages": (
        [('{":pk": f"MSG#{message_group_uuid}"}, ScanIndexForward=False)',
          '{":pk": f"MSG#{message_group_uuid}"}, ScanIndexForward=False, PaginationConfig={"MaxItems": 20})')],
        {EVERY_MESSAGE, FULL_PAGES},
    ),
    # The reference asks for begins_with(sk, <this year>); so the test means the same in every year to come.
    "nothing from before the year": (
        [('"pk = :pk", {":pk": f"MSG#{message_group_uuid}"}', BY_YEAR.format("MSG#{message_group_uuid}")),
         ('"pk = :pk", {":pk": f"GRP#{my_user_uuid}"}, S', BY_YEAR.format("GRP#{my_user_uuid}") + ", S")],
        {EVERY_MESSAGE, FULL_PAGES},
    ),
    "anybody reads": (
        [("if known and my_user_uuid not in known:", "if False:")],
        {("A", "somebody who is not in the group reads nothing")},
    ),
    "anybody writes": (
        [("if my_user_uuid not in members(client, message_group_uuid):", "if False:")],
        {("C", "somebody who is not in the group writes nothing")},
    ),
    "the sender's uuid for the message's": (
        [('            "uuid": message_uuid,\n', '            "uuid": my_user_uuid,\n')],
        clause("a message has a uuid of its own", "CDE"),
    ),
    "blank messages": (
        [('    if not message.strip():\n        raise ValueError("message_blank")\n', "")],
        {("C", "an empty message is refused"), ("C", "a blank message is refused"),
         ("D", "an empty message opens nothing")},
    ),
    # The later of two at once waits until the earlier one's rows are there, so that one step fails and no more.
    "no transaction": (
        [("client.transact_write_items(TransactItems=[put(item) for item in items])",
          "[client.put_item(**put(item)['Put']) for item in items]"),
         ("client.exceptions.TransactionCanceledException", "client.exceptions.ConditionalCheckFailedException"),
         ("range(20)", "range(10_000)"),
         ("if known is not None:", 'if known and my_user_uuid in members(client, known["pair_group_uuid"]["S"]):')],
        {("D", "all of it is one transaction")},
    ),
    # As the reference application has it. What comes of it in later scenarios' lists is not told again.
    "a new group each time": (
        [("        if group is None:\n", "        if True:\n"),
         ('                {"pk": {"S": f"PAIR#{pair}"}, "sk": {"S": "PAIR"}, "pair_group_uuid": {"S": group}},\n', "")],
        {("D", "a second message goes to the group that is there"), ("D", "two at once make one group")}
        | {("D", f"there is still one group in the list of {who}") for who in ("ann", "dov")}
        | {("D", f"the group is once in the list of {who}") for who in ("bea", "dov")}
        | {("D", f"{who} reads its messages") for who in ("ann", "bea", "dov")},
    ),
    # Both have looked for a group before either writes.
    "the later of two at once is refused": (
        [("TABLE = ", "BOTH = __import__('threading').Barrier(2)\nTABLE = "),
         ("        if group is None:\n",
          "        if message.startswith('Hi, '):\n            BOTH.wait(60)\n        if group is None:\n"),
         ('conflict = "TransactionConflict" in str(error)', "raise RuntimeError('somebody was faster') from error")],
        {("D", "two at once make one group")},
    ),
    "the later of two at once is shut out": (
        [("TABLE = ", "BOTH = __import__('threading').Barrier(2)\nTABLE = "),
         ("        if group is None:\n",
          "        if message.startswith('Hi, '):\n            BOTH.wait(60)\n        if group is None:\n"),
         ('conflict = "TransactionConflict" in str(error)', "raise PermissionError(my_user_uuid) from error")],
        {("D", "two at once make one group")},
    ),
    "a scan": (
        [('rows = query(client, "pk = :pk", {":pk": f"GRP#{my_user_uuid}"}, ScanIndexForward=False)',
          """rows = [row for row in client.scan(TableName=TABLE)["Items"] if row["pk"]["S"] == f"GRP#{my_user_uuid}"]
        rows.sort(key=lambda row: row["sk"]["S"], reverse=True)""")],
        {("B", "the groups are read by Query on the table's own key")},
    ),
}  # fmt: skip


def spoilt(replacements: list[tuple[str, str]]) -> str:
    """Return PLAIN with a fault."""
    text = PLAIN
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text
