"""How the application reads and writes the table."""

from __future__ import annotations

import pytest

from tests.unit.diagnosis.checks.conversations_project import HANDLER, SCHEMA, codes, facts, found

LIBRARY = """
import uuid

class Ddb:
    def groups(client, me):
        pages = client.get_paginator('query').paginate(
            TableName='chat', KeyConditionExpression='pk = :pk', ExpressionAttributeValues={':pk': {'S': f'GRP#{me}'}})
        return [row for page in pages for row in page['Items']]

    def list_messages(client, room, me, start=None):
        if not Ddb.is_member(client, room, me):
            raise PermissionError(room)
        more = {'ExclusiveStartKey': start} if start else {}
        return client.query(
            TableName='chat', Limit=20, ScanIndexForward=False, KeyConditionExpression='pk = :pk',
            ExpressionAttributeValues={':pk': {'S': f'MSG#{room}'}}, **more)

    def is_member(client, room, me):
        return room in [row['message_group_uuid']['S'] for row in Ddb.groups(client, me)]

    def create_message_group(client, text, me, other, now):
        group = Ddb.find_group(client, me, other) or str(uuid.uuid4())
        mine = {'pk': {'S': f'GRP#{me}'}, 'sk': {'S': now}, 'message_group_uuid': {'S': group}}
        theirs = {'pk': {'S': f'GRP#{other}'}, 'sk': {'S': now}, 'message_group_uuid': {'S': group}}
        message = {'pk': {'S': f'MSG#{group}'}, 'sk': {'S': now}, 'message': {'S': text}}
        client.transact_write_items(TransactItems=[{'Put': {'TableName': 'chat', 'Item': i}} for i in (mine, theirs, message)])

    def find_group(client, me, other):
        return next((r['message_group_uuid']['S'] for r in Ddb.groups(client, me) if r['user_uuid']['S'] == other), None)
"""
SERVICE = """
from lib.ddb import Ddb
class Messages:
    def run(group, cognito_user_id):
        return {'data': Ddb.list_messages(Ddb.client(), group)}
"""
#: As it is usually written.
USUAL = """
import uuid, boto3
from datetime import datetime

class Ddb:
    def list_messages(client, message_group_uuid):
        query_params = {
            'TableName': 'chat',
            'KeyConditionExpression': 'pk = :pk',
            'ScanIndexForward': False,
            'Limit': 20,
            'ExpressionAttributeValues': {':pk': {'S': f"MSG#{message_group_uuid}"}},
        }
        response = client.query(**query_params)
        return response['Items']

    def create_message(client, message_group_uuid, message, my_user_uuid):
        created_at = datetime.now().isoformat()
        message_uuid = str(uuid.uuid4())
        record = {
            'pk': {'S': f"MSG#{message_group_uuid}"},
            'sk': {'S': created_at},
            'message': {'S': message},
            'message_uuid': {'S': message_uuid},
            'user_uuid': {'S': my_user_uuid},
        }
        client.put_item(TableName='chat', Item=record)
        return {'message_group_uuid': message_group_uuid, 'uuid': my_user_uuid, 'message': message}

    def create_message_group(client, message, my_user_uuid, other_user_uuid):
        group = str(uuid.uuid4())
        now = datetime.now().isoformat()
        mine = {'pk': {'S': f"GRP#{my_user_uuid}"}, 'sk': {'S': now}}
        other = {'pk': {'S': f"GRP#{other_user_uuid}"}, 'sk': {'S': now}}
        text = {'pk': {'S': f"MSG#{group}"}, 'sk': {'S': now}}
        items = {'chat': [{'PutRequest': {'Item': mine}}, {'PutRequest': {'Item': other}}, {'PutRequest': {'Item': text}}]}
        client.batch_write_item(RequestItems=items)
"""
CLEAN = {
    "schema.py": SCHEMA,
    "stream.py": HANDLER,
    "lib/ddb.py": LIBRARY,
    "services/messages.py": SERVICE.replace(", group)}", ", group, cognito_user_id)}"),
}


def test_an_application_that_is_right() -> None:
    assert codes(facts(CLEAN)) == []


def test_the_usual_library() -> None:
    every = found(facts({"lib/ddb.py": USUAL, "services/messages.py": SERVICE}))
    assert [each.code for each in every] == ["ACC113", "ACC114", "ACC111", "ACC116", "ACC119"]
    places = {each.code: str(each.place) for each in every}
    assert places == {
        "ACC111": "lib/ddb.py:14",
        "ACC113": "services/messages.py:5",
        "ACC114": "lib/ddb.py:37",
        "ACC116": "lib/ddb.py:30",
        "ACC119": "lib/ddb.py:28",
    }


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("        response = client.query(**query_params)\n",
         "        response = client.query(**query_params, ExclusiveStartKey=None)\n", "ACC111"),
        ("'Limit': 20,", "'Limit': 1,", "ACC111"),
        ("client.batch_write_item(RequestItems=items)", "client.transact_write_items(TransactItems=items)", "ACC114"),
        ("group = str(uuid.uuid4())", "group = find_conversation(my_user_uuid, other_user_uuid)", "ACC116"),
        ("'uuid': my_user_uuid", "'uuid': message_uuid", "ACC119"),
    ],
)  # fmt: skip
def test_each_can_be_mended(old: str, new: str, code: str) -> None:
    assert old in USUAL
    assert code in codes(facts({"lib/ddb.py": USUAL}))
    assert code not in codes(facts({"lib/ddb.py": USUAL.replace(old, new)}))


@pytest.mark.parametrize(
    "check",
    [
        "        if not is_member(group, cognito_user_id): return 403\n",
        "        mine = Ddb.list_message_groups(client, cognito_user_id)\n        assert group in mine\n",
        "        check_participant(group)\n",
    ],
)
def test_ways_to_check_membership(check: str) -> None:
    service = SERVICE.replace("        return {'data'", f"{check}        return {{'data'")
    assert codes(facts({"lib/ddb.py": USUAL, "services/messages.py": service}), "ACC113") == []


def test_the_oldest_are_not_the_newest() -> None:
    assert codes(facts({"lib/ddb.py": USUAL.replace("'ScanIndexForward': False,", "")}), "ACC118") == ["ACC118"]
    maybe = USUAL.replace("'ScanIndexForward': False,", "'ScanIndexForward': newest_first,")
    assert codes(facts({"lib/ddb.py": maybe}), "ACC118") == []


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("True", "items.reverse()", ["ACC118"]),
        ("True", "print(items[::-1])", ["ACC118"]),
        ("False", "items.reverse()", []),
        ("True", "print(items)", []),
    ],
)
def test_a_script_that_turns_the_oldest_ones_round(first: str, then: str, expected: list[str]) -> None:
    script = (
        "import boto3\nddb = boto3.client('dynamodb')\ngroup = '5ae290ed'\n"
        "query = {'TableName': 'chat', 'KeyConditionExpression': 'pk = :pk', 'Limit': 20,\n"
        f"  'ScanIndexForward': {first}, 'ExpressionAttributeValues': {{':pk': {{'S': f'MSG#{{group}}'}}}}}}\n"
        f"items = ddb.query(**query)['Items']\n{then}\n"
    )
    assert codes(facts({"get.py": script}), "ACC118") == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("lib/ddb.py", "def f(c): return c.scan(TableName='chat')['Items']\n", ["ACC112"]),
        (
            "lib/ddb.py",
            "import boto3\nt = boto3.resource('dynamodb').Table('chat')\ndef f(): return t.scan()\n",
            ["ACC112"],
        ),
        ("services/messages.py", "def f(scanner): return scanner.scan('virus')\n", []),
        ("services/messages.py", "def f(db): return db.query('select 1')\n", []),
        ("services/messages.py", "def f(session): return session.query(None).filter(x=1)\n", []),
        ("scan.py", "t = boto3.resource('dynamodb').Table('chat')\nprint(t.scan()['Items'])\n", ["ACC117"]),
        ("scan.py", "r = t.scan(TableName='chat')\nwhile 'LastEvaluatedKey' in r: r = t.scan(TableName='chat')\n", []),
        ("scan.py", "for p in c.get_paginator('scan').paginate(TableName='chat'): print(p)\n", []),
    ],
)
def test_scans(path: str, text: str, expected: list[str]) -> None:
    assert codes(facts({path: text})) == expected


def test_one_put_after_the_other() -> None:
    single = USUAL.replace(
        "client.batch_write_item(RequestItems=items)",
        "[client.put_item(TableName='chat', Item=i) for i in (mine, other, text)]",
    )
    [only] = found(facts({"lib/ddb.py": single}), "ACC114")
    assert "one put_item after the other" in only.cause


_BY_POSITION = """
        mine = Ddb.item(f"GRP#{my_user_uuid}", now)
        other = Ddb.item(f"GRP#{other_user_uuid}", now)
        text = Ddb.item(f"MSG#{group}", now)
"""


def test_items_whose_keys_are_handed_over_by_position() -> None:
    begin, end = USUAL.index("        mine = "), USUAL.index("        items = {'chat'")
    made = USUAL[:begin] + _BY_POSITION.lstrip("\n") + USUAL[end:]
    made += "\n    def item(key, at):\n        return {'pk': {'S': key}, 'sk': {'S': at}}\n"
    [only] = found(facts({"lib/ddb.py": made}), "ACC114")
    assert "create_message_group writes two group rows and a message by batch_write_item" in only.cause
    at_once = made.replace(
        "client.batch_write_item(RequestItems=items)", "client.transact_write_items(TransactItems=items)"
    )
    assert codes(facts({"lib/ddb.py": at_once}), "ACC114") == []
    only_rows = made.replace('f"MSG#{group}"', 'f"GRP#{group}"')
    assert codes(facts({"lib/ddb.py": only_rows}), "ACC114") == []


_RETURNED = "        return response['Items']\n"


@pytest.mark.parametrize(
    "instead", ["        items = response['Items']\n", "        print(response['Items'])\n        return\n"]
)
def test_a_list_that_is_not_returned(instead: str) -> None:
    some = facts({"lib/ddb.py": USUAL.replace(_RETURNED, instead)})
    [only] = [each for each in found(some) if each.code == "ACC120"]
    assert str(only.place) == "lib/ddb.py:6"
    assert "list_messages" in only.cause


@pytest.mark.parametrize(
    "instead",
    [
        _RETURNED,
        "        yield from response['Items']\n",
        "        message_group_uuid.extend(response['Items'])\n",
        "        client.found = response['Items']\n",
    ],
)
def test_a_list_that_is_handed_on(instead: str) -> None:
    assert "ACC120" not in codes(facts({"lib/ddb.py": USUAL.replace(_RETURNED, instead)}))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "def run(message):\n    return {'handle': user_sender_handle, 'of': user_sender_handle}\n",
            ["user_sender_handle"],
        ),
        ("def run():\n    return os.getenv('A'), datetime.now()\n", ["os", "datetime"]),
        ("from models import *\ndef run():\n    return user_sender_handle\n", []),
        ("def run(handle):\n    try:\n        return handler\n    except NameError:\n        return None\n", []),
        ("import os.path\ndef run(*a, **k):\n    return [os.path, a, k, [x for x in a], __name__, print]\n", []),
        (
            "class A:\n    b = 1\n    c = b\n    def run(self):\n        global d\n        d = self\n        return d\n",
            [],
        ),
        ("from __future__ import annotations\ndef run(a: Nobody, *b: No) -> One:\n    c: Here = a\n    return c\n", []),
        ("def broken(:\n", []),
    ],
)
def test_names_of_the_application(text: str, names: list[str]) -> None:
    told = found(facts({"services/messages.py": text}), "ACC121")
    assert [each.cause.split()[2].rstrip(",") for each in told] == names
    assert all(edit.new.startswith(("import ", "from ")) for each in told for edit in each.edits)


_GROUPS = """
def list_message_groups(client, me):
    response = client.query(
        TableName='chat', KeyConditionExpression='pk = :pk', ExpressionAttributeValues={':pk': {'S': f'MSG#{me}'}})
    return [{'uuid': item['message_group_uuid']['S'], 'message': item['message']['S']} for item in response['Items']]
"""


def test_a_query_for_the_other_kind() -> None:
    [only] = found(facts({"lib/ddb.py": _GROUPS}), "ACC122")
    assert "list_message_groups asks for MSG#" in only.cause
    assert only.advice == "Write GRP# in place of MSG# in the key that list_message_groups asks for."
    messages = _GROUPS.replace("MSG#", "GRP#").replace("message_group_uuid", "message_uuid")
    [only] = found(facts({"lib/ddb.py": messages}), "ACC122")
    assert "Write MSG# in place of GRP#" in only.advice


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("MSG#", "GRP#"),
        ("MSG#{me}", "{me}"),
        ("'message': item", "'id': item['message_uuid']['S'], 'message': item"),
        ("item['message_group_uuid']['S']", "me"),
    ],
)
def test_a_query_for_what_is_read(old: str, new: str) -> None:
    assert found(facts({"lib/ddb.py": _GROUPS.replace(old, new)}), "ACC122") == ()


_LISTS = """
def list_messages(client, room, me, start=None):
    return client.query(
        TableName='chat', KeyConditionExpression='pk = :pk', ExpressionAttributeValues={':pk': {'S': f'MSG#{room}'}})
"""
_ANSWERING = """
from lib.ddb import list_messages
class Messages:
    def run(room):
        model = {'errors': None, 'data': list_messages(None, room, None)}
        return model
def route(room):
    model = Messages.run(room)
    return model['data']
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("        return model\n", "", ["ACC120"]),
        ("        return model\n", "        return\n", ["ACC120"]),
        ("        return model\n", "        yield model\n", []),
        ("        return model\n", "        room.update(model)\n", []),
        ("        return model\n    ", "    ", []),
    ],
)
def test_a_service_that_returns_nothing(old: str, new: str, told: list[str]) -> None:
    text = _ANSWERING if "return model\n    " in old else _ANSWERING.replace(old, new)
    found_there = found(facts({"lib/ddb.py": _LISTS, "services/messages.py": text}), "ACC120")
    assert [each.code for each in found_there] == told
    assert all("Messages.run calls list_messages and returns nothing" in each.cause for each in found_there)


def test_a_service_whose_answer_nobody_wants() -> None:
    text = _ANSWERING.replace("        return model\n", "").replace("model = Messages.run", "Messages.run")
    assert (
        found(facts({"lib/ddb.py": _LISTS, "services/messages.py": text.replace("model['data']", "room")}), "ACC120")
        == ()
    )
