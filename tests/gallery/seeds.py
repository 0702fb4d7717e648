"""The seed of the conversations as different people would have written it. All of them do the same."""

from __future__ import annotations

_TALK = """\
Person 1: Did you see the lights over the harbour last night?
Person 2: I did. I thought the ferry was on fire at first.
Person 1: It was the new crane. They tested it for an hour.
Person 2: For an hour, at midnight?
Person 1: The harbour master sleeps well, I suppose.
Person 2: Shall we go and look at it on Sunday?
Person 1: Yes, at noon, by the old lighthouse.
Person 2: Noon it is. I will bring coffee.
"""

FLAT = f'''\
#!/usr/bin/env python3
import boto3
import os
import sys
import uuid
from datetime import datetime, timedelta, timezone

here = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.abspath(os.path.join(here, "..", "..", "backend-flask")))
from lib.db import db

dynamodb = boto3.client("dynamodb", endpoint_url="http://localhost:8000", region_name="us-east-1")
table_name = "cruddur-messages"
group = "c0ffee00-1111-4222-8333-444455556666"

sql = "SELECT uuid, display_name, handle FROM public.users WHERE handle = %(handle)s"
me = db.query_row(sql, {{"handle": "idalind"}})
other = db.query_row(sql, {{"handle": "ottoberg"}})
if not me or not other:
    sys.exit("idalind and ottoberg must be in Postgres: load backend-flask/db/seed.sql first")

conversation = """
{_TALK}"""

began = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)
lines = conversation.strip().split("\\n")
for i in range(len(lines)):
    if lines[i].startswith("Person 1: "):
        sender = me
        text = lines[i].replace("Person 1: ", "")
    elif lines[i].startswith("Person 2: "):
        sender = other
        text = lines[i].replace("Person 2: ", "")
    else:
        raise ValueError("invalid line: " + lines[i])
    created_at = (began + timedelta(minutes=i)).isoformat()
    dynamodb.put_item(
        TableName=table_name,
        Item={{
            "pk": {{"S": f"MSG#{{group}}"}},
            "sk": {{"S": created_at}},
            "message": {{"S": text}},
            "message_uuid": {{"S": str(uuid.uuid5(uuid.NAMESPACE_URL, group + str(i)))}},
            "user_uuid": {{"S": str(sender["uuid"])}},
            "user_display_name": {{"S": sender["display_name"]}},
            "user_handle": {{"S": sender["handle"]}},
        }},
    )

for owner, partner in [(me, other), (other, me)]:
    dynamodb.put_item(
        TableName=table_name,
        Item={{
            "pk": {{"S": f"GRP#{{owner['uuid']}}"}},
            "sk": {{"S": created_at}},
            "message_group_uuid": {{"S": group}},
            "message": {{"S": text}},
            "user_uuid": {{"S": str(partner["uuid"])}},
            "user_display_name": {{"S": partner["display_name"]}},
            "user_handle": {{"S": partner["handle"]}},
        }},
    )
'''

RESOURCE = f'''\
#!/usr/bin/env python3
"""Fills the table with one conversation, by the resource API."""

import os
import sys
from datetime import datetime, timedelta, timezone
from uuid import NAMESPACE_DNS, uuid5

import boto3

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "backend-flask"))
from lib.db import db

TABLE = os.environ.get("DDB_MESSAGE_TABLE", "cruddur-messages")
MESSAGE_GROUP_UUID = "c0ffee00-1111-4222-8333-444455556666"

ddb = boto3.resource("dynamodb", endpoint_url="http://127.0.0.1:8000", region_name="us-east-1")
table = ddb.Table(TABLE)


class Person:
    def __init__(self, handle):
        row = db.query_row("SELECT uuid, display_name, handle FROM public.users WHERE handle = %s", (handle,))
        if row is None:
            raise SystemExit("no user has the handle " + handle)
        self.uuid = str(row["uuid"])
        self.name = row["display_name"]
        self.handle = row["handle"]


def as_columns(person):
    return dict(user_uuid=person.uuid, user_display_name=person.name, user_handle=person.handle)


CONVERSATION = """
{_TALK}"""


def main():
    ida, otto = Person("idalind"), Person("ottoberg")
    when = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)
    with table.batch_writer() as batch:
        for line in filter(None, CONVERSATION.splitlines()):
            speaker, text = line.split(": ", 1)
            sender = ida if speaker == "Person 1" else otto
            batch.put_item(
                Item={{
                    "pk": f"MSG#{{MESSAGE_GROUP_UUID}}",
                    "sk": when.isoformat(),
                    "message": text,
                    "message_uuid": str(uuid5(NAMESPACE_DNS, when.isoformat())),
                    **as_columns(sender),
                }}
            )
            last, when = when, when + timedelta(minutes=1)
        for mine, theirs in ((ida, otto), (otto, ida)):
            batch.put_item(
                Item={{
                    "pk": f"GRP#{{mine.uuid}}",
                    "sk": last.isoformat(),
                    "message_group_uuid": MESSAGE_GROUP_UUID,
                    "message": text,
                    **as_columns(theirs),
                }}
            )


if __name__ == "__main__":
    main()
'''

#: In the manner of a class: users come as JSON, and both writes are functions with many arguments.
OF_A_CLASS = f'''\
#!/usr/bin/env python3

import boto3
import os
import sys
from datetime import datetime, timedelta, timezone
import uuid

current_path = os.path.dirname(os.path.abspath(__file__))
parent_path = os.path.abspath(os.path.join(current_path, "..", "..", "backend-flask"))
sys.path.append(parent_path)
from lib.db import db

attrs = {{"endpoint_url": "http://localhost:8000", "region_name": "us-east-1"}}
ddb = boto3.client("dynamodb", **attrs)
table_name = "cruddur-messages"


def find_users():
    sql = """
    SELECT
      users.uuid,
      users.display_name,
      users.handle
    FROM public.users
    WHERE users.handle IN (%(my_handle)s, %(other_handle)s)
    """
    users = db.query_array_json(sql, {{"my_handle": "idalind", "other_handle": "ottoberg"}})
    mine = next((user for user in users if user["handle"] == "idalind"), None)
    theirs = next((user for user in users if user["handle"] == "ottoberg"), None)
    return {{"my_user": mine, "other_user": theirs}}


def put_group(client, message_group_uuid, my_user_uuid, last_message_at, message, other_uuid, other_name, other_handle):
    record = {{
        "pk": {{"S": f"GRP#{{my_user_uuid}}"}},
        "sk": {{"S": last_message_at}},
        "message_group_uuid": {{"S": message_group_uuid}},
        "message": {{"S": message}},
        "user_uuid": {{"S": other_uuid}},
        "user_display_name": {{"S": other_name}},
        "user_handle": {{"S": other_handle}},
    }}
    response = client.put_item(TableName=table_name, Item=record)
    print(response["ResponseMetadata"]["HTTPStatusCode"])


def put_message(client, message_group_uuid, created_at, message, my_user_uuid, my_name, my_handle):
    record = {{
        "pk": {{"S": f"MSG#{{message_group_uuid}}"}},
        "sk": {{"S": created_at}},
        "message_uuid": {{"S": str(uuid.uuid4())}},
        "message": {{"S": message}},
        "user_uuid": {{"S": my_user_uuid}},
        "user_display_name": {{"S": my_name}},
        "user_handle": {{"S": my_handle}},
    }}
    client.put_item(TableName=table_name, Item=record)


message_group_uuid = "c0ffee00-1111-4222-8333-444455556666"
users = find_users()
first_at = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)

conversation = """
{_TALK}"""

lines = conversation.lstrip("\\n").rstrip("\\n").split("\\n")
for i in range(len(lines)):
    if lines[i].startswith("Person 1: "):
        key = "my_user"
        message = lines[i].replace("Person 1: ", "")
    elif lines[i].startswith("Person 2: "):
        key = "other_user"
        message = lines[i].replace("Person 2: ", "")
    else:
        print(lines[i])
        raise ValueError("invalid line")
    created_at = (first_at + timedelta(minutes=i)).isoformat()
    put_message(
        client=ddb,
        message_group_uuid=message_group_uuid,
        created_at=created_at,
        message=message,
        my_user_uuid=users[key]["uuid"],
        my_name=users[key]["display_name"],
        my_handle=users[key]["handle"],
    )

put_group(
    client=ddb,
    message_group_uuid=message_group_uuid,
    my_user_uuid=users["my_user"]["uuid"],
    other_uuid=users["other_user"]["uuid"],
    other_handle=users["other_user"]["handle"],
    other_name=users["other_user"]["display_name"],
    last_message_at=created_at,
    message=message,
)
put_group(
    client=ddb,
    message_group_uuid=message_group_uuid,
    my_user_uuid=users["other_user"]["uuid"],
    other_uuid=users["my_user"]["uuid"],
    other_handle=users["my_user"]["handle"],
    other_name=users["my_user"]["display_name"],
    last_message_at=created_at,
    message=message,
)
'''

#: What a library has that hands out JSON: the query is pasted into another one.
JSON_METHODS = """
    def wrapped_array(self, sql):
        return f"(SELECT COALESCE(array_to_json(array_agg(row_to_json(found))), '[]'::json) FROM ({sql}) found);"

    def query_array_json(self, sql, params=None):
        with self.pool.connection() as connection, connection.cursor() as cursor:
            cursor.execute(self.wrapped_array(sql), params or {})
            row = cursor.fetchone()
            return row[0]


db = Db()
"""
