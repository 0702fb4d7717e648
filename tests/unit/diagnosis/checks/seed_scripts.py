"""Seeds as different people write them: all of them right."""

from __future__ import annotations

TALK = """
Person 1: Is the bridge open again?
Person 2: Since Monday, one lane only.
Person 1: Then I come by bicycle.
Person 2: Mind the rails.
Person 1: I always do.
Person 2: You said so last time.
"""

#: By functions, with keywords, as in a class; a fixed beginning.
BY_FUNCTIONS = f'''#!/usr/bin/env python3
import boto3
import uuid
from datetime import datetime, timedelta, timezone
from lib.db import db

ddb = boto3.client('dynamodb', endpoint_url='http://localhost:8000', region_name='eu-west-1')


def get_user_uuids():
  sql = """
    SELECT users.uuid, users.display_name, users.handle FROM users
    WHERE users.handle IN (%(my_handle)s, %(other_handle)s)
  """
  users = db.query_array_json(sql, {{'my_handle': 'annika', 'other_handle': 'bo'}})
  my_user = next((item for item in users if item["handle"] == 'annika'), None)
  other_user = next((item for item in users if item["handle"] == 'bo'), None)
  return {{'my_user': my_user, 'other_user': other_user}}


def create_message_group(client, message_group_uuid, my_user_uuid, last_message_at, message, other):
  record = {{
    'pk': {{'S': f"GRP#{{my_user_uuid}}"}},
    'sk': {{'S': last_message_at}},
    'message_group_uuid': {{'S': message_group_uuid}},
    'message': {{'S': message}},
    'user_uuid': {{'S': other['uuid']}},
    'user_display_name': {{'S': other['display_name']}},
    'user_handle': {{'S': other['handle']}},
  }}
  client.put_item(TableName='chat', Item=record)


def create_message(client, message_group_uuid, created_at, message, user):
  record = {{
    'pk': {{'S': f"MSG#{{message_group_uuid}}"}},
    'sk': {{'S': created_at}},
    'message_uuid': {{'S': str(uuid.uuid4())}},
    'message': {{'S': message}},
    'user_uuid': {{'S': user['uuid']}},
    'user_display_name': {{'S': user['display_name']}},
    'user_handle': {{'S': user['handle']}},
  }}
  client.put_item(TableName='chat', Item=record)


message_group_uuid = "0d4c2a5e-8a70-4f0e-9a39-2f6f3f1c7b11"
users = get_user_uuids()
start = datetime(2024, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)
conversation = """{TALK}"""
lines = conversation.lstrip('\\n').rstrip('\\n').split('\\n')
for i in range(len(lines)):
  if lines[i].startswith('Person 1: '):
    key = 'my_user'
    message = lines[i].replace('Person 1: ', '')
  elif lines[i].startswith('Person 2: '):
    key = 'other_user'
    message = lines[i].replace('Person 2: ', '')
  else:
    raise ValueError('invalid line: ' + lines[i])
  created_at = (start + timedelta(minutes=i)).isoformat()
  create_message(client=ddb, message_group_uuid=message_group_uuid, created_at=created_at, message=message, user=users[key])

create_message_group(ddb, message_group_uuid, users['my_user']['uuid'], created_at, message, users['other_user'])
create_message_group(ddb, message_group_uuid, users['other_user']['uuid'], created_at, message, users['my_user'])
'''

#: Flat, by the resource API, with f-strings and a dictionary of people; group rows first.
BY_RESOURCE = f'''#!/usr/bin/env python3
import datetime
import boto3
from lib.db import db

table = boto3.resource("dynamodb", region_name="eu-west-1").Table("chat")
people = {{}}
for handle in ["annika", "bo"]:
    people[handle] = db.query_row("SELECT * FROM public.users WHERE handle = %s", (handle,))
talk = """{TALK}""".strip().splitlines()
begin = datetime.datetime(2024, 3, 1, tzinfo=datetime.timezone.utc)
stamps = [(begin + datetime.timedelta(seconds=90 * n)).isoformat() for n, _ in enumerate(talk)]
room = "0d4c2a5e-8a70-4f0e-9a39-2f6f3f1c7b11"

def columns(person):
    return dict(user_uuid=str(person["uuid"]), user_display_name=person["display_name"], user_handle=person["handle"])

a, b = people["annika"], people["bo"]
with table.batch_writer() as batch:
    for mine, other in ((a, b), (b, a)):
        last = talk[-1].split(": ", 1)[1]
        batch.put_item(Item={{"pk": "GRP#" + mine["uuid"], "sk": stamps[-1], "message": last, "message_group_uuid": room, **columns(other)}})
    for stamp, line in zip(stamps, talk):
        who, text = line.split(": ", 1)
        sender = a if who.endswith("1") else b
        batch.put_item(Item={{"pk": "MSG#" + room, "sk": stamp, "message": text, "message_uuid": stamp, **columns(sender)}})
'''

#: Items are gathered in the loop and written at once behind it; percent signs; names instead of `Person 1`.
BY_BATCH = """#!/usr/bin/env python3
import boto3, uuid
from datetime import datetime, timezone, timedelta
from lib.db import db
client = boto3.client("dynamodb", region_name="eu-west-1")
SQL = "SELECT uuid, handle, display_name FROM users WHERE handle = 'annika' OR handle = 'bo'"
found = {row["handle"]: row for row in db.query_array_json(SQL)}
ROOM = "0d4c2a5e-8a70-4f0e-9a39-2f6f3f1c7b11"
TALK = [("annika", "Is it you?"), ("bo", "Who else?"), ("annika", "Good.")]

def user(row):
\treturn {"user_uuid": {"S": "%s" % row["uuid"]}, "user_handle": {"S": row["handle"]}, "user_display_name": {"S": row["display_name"]}}

def item(pk, sk, text, who, **more):
\treturn {"PutRequest": {"Item": {"pk": {"S": pk}, "sk": {"S": sk}, "message": {"S": text}, **user(found[who]), **more}}}

requests = []
at = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
for number, (who, text) in enumerate(TALK):
\tat = at + timedelta(minutes=1)
\tsk = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
\trequests.append(item("MSG#%s" % ROOM, sk, text, who, message_uuid={"S": str(uuid.uuid5(uuid.NAMESPACE_URL, sk))}))
for one, other in (("annika", "bo"), ("bo", "annika")):
\trequests.append(item("GRP#%s" % found[one]["uuid"], sk, text, other, message_group_uuid={"S": ROOM}))
while requests:
\tanswer = client.batch_write_item(RequestItems={"chat": requests[:25]})
\trequests = requests[25:] + answer["UnprocessedItems"].get("chat", [])
"""

#: One message, a guard, a `main()`, several conversations; times are taken away from a fixed end.
BY_MAIN = '''#!/usr/bin/env python3
"""Fills the table."""
import os
import sys
import boto3
from datetime import datetime, timedelta, timezone
from uuid import uuid5, NAMESPACE_DNS
from lib.db import db

TABLE = os.environ.get("NO_SUCH_VARIABLE", "chat")
END = datetime(2024, 3, 1, 18, 30, 0, 5, tzinfo=timezone.utc)
ROOMS = [
    ("annika", "bo", ["Lunch?"]),
    ("annika", "cleo", ["Hei", "Hei hei", "Long time!", "Too long."]),
]
# me = "nobody"


class Seeder:
    def __init__(self):
        self.table = boto3.resource("dynamodb", region_name="eu-west-1").Table(TABLE)

    def user(self, handle):
        row = db.query_row("SELECT uuid, display_name, handle FROM users WHERE handle = %(handle)s", {"handle": handle})
        if row is None:
            print(f"no user {handle}")
            sys.exit(1)
        return row

    def _put(self, pk, sk, text, user, **more):
        self.table.put_item(Item={
            "pk": pk, "sk": sk, "message": text, "user_uuid": user["uuid"], "user_handle": user["handle"],
            "user_display_name": user["display_name"], **more,
        })

    def room(self, number, one, other, texts):
        room = str(uuid5(NAMESPACE_DNS, f"{one}-{other}"))
        both = [self.user(one), self.user(other)]
        for back, text in enumerate(reversed(texts)):
            sk = (END - timedelta(days=number, minutes=back)).isoformat()
            sender = both[(len(texts) - 1 - back) % 2]
            self._put(f"MSG#{room}", sk, text, sender, message_uuid=str(uuid5(NAMESPACE_DNS, sk)))
        last = (END - timedelta(days=number)).isoformat()
        for mine, theirs in (both, both[::-1]):
            self._put(f"GRP#{mine['uuid']}", last, texts[-1], theirs, message_group_uuid=room)


def main():
    seeder = Seeder()
    for number, (one, other, texts) in enumerate(ROOMS):
        seeder.room(number, one, other, texts)


def unused():
    return "nobody"


if __name__ == "__main__":
    main()
'''

CLEAN = {"functions": BY_FUNCTIONS, "resource": BY_RESOURCE, "batch": BY_BATCH, "main": BY_MAIN}
