"""Calls of the table's library that do not fit what it defines."""

from __future__ import annotations

import pytest

from tests.unit.diagnosis.checks.conversations_project import facts, found

LIBRARY = """
import functools
import boto3

class Ddb:
    def client():
        return boto3.client('dynamodb')

    def list_messages(client, message_group_uuid, limit=20):
        return client.query(TableName='chat', Limit=limit)['Items']

    def create_message(client, message_group_uuid, message, my_user_uuid):
        item = Ddb.item(message_group_uuid, message)
        client.put_item(TableName='chat', Item=item)

    @staticmethod
    def item(message_group_uuid, message, *, at=None):
        return {'pk': {'S': message_group_uuid}, 'sk': {'S': at}, 'message': {'S': message}}

    @classmethod
    def between(cls, client, my_user_uuid, other_user_uuid):
        return cls.list_messages(client, my_user_uuid)

    @functools.wraps(boto3)
    def wrapped(client):
        return client

    def anything(*args, **kwargs):
        return args

    def first(self, message_group_uuid):
        return message_group_uuid

def send(client, message_group_uuid, message):
    return client
"""
SERVICE = """
from lib.ddb import Ddb, send
from lib import ddb as table

def run(body, message, message_group_uuid, my_user_uuid, other_user_uuid):
    ddb = Ddb.client()
    CALL
"""


def told(call: str, *, service: str = SERVICE, library: str = LIBRARY) -> list[str]:
    files = {"lib/ddb.py": library, "services/messages.py": service.replace("CALL", call)}
    return [each.cause for each in found(facts(files), "ACC123")]


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("Ddb.list_messages(ddb)", "Ddb.list_messages is not given message_group_uuid"),
        ("Ddb.list_messages()", "Ddb.list_messages is not given client and message_group_uuid"),
        ("Ddb.list_messages(ddb, message_group_uuid, 20, 'me')", "takes 3 arguments by position, and is given 4"),
        ("Ddb.list_messages(ddb, message_group_uuid, start=1)", "has no parameter start"),
        ("Ddb.list_messages(ddb, client=ddb, message_group_uuid='x')", "is given client twice"),
        ("Ddb.item('x', message, 'now')", "takes 2 arguments by position, and is given 3"),
        ("Ddb.between(my_user_uuid)", "Ddb.between is not given my_user_uuid and other_user_uuid"),
        ("Ddb.first(message_group_uuid)", "Ddb.first is not given message_group_uuid"),
        ("send(ddb, message)", "send is not given message"),
        ("table.send(ddb, message)", "table.send is not given message"),
        ("table.Ddb.list_messages(ddb)", "table.Ddb.list_messages is not given message_group_uuid"),
        (
            "Ddb.create_message(ddb, message, message_group_uuid, my_user_uuid)",
            "is given message as its message_group_uuid and is given message_group_uuid as its message",
        ),
        (
            "Ddb.create_message(ddb, body['message'], body.get('message_group_uuid'), my_user_uuid)",
            "is given message as its message_group_uuid",
        ),
        ("Ddb.list_messages(message_group_uuid, ddb)", "is given message_group_uuid as its client"),
        (
            "Ddb.create_message(ddb, my_user_uuid, message_group_uuid, message)",
            "is given my_user_uuid as its message_group_uuid and is given message_group_uuid as its message",
        ),
    ],
)
def test_calls_that_do_not_fit(call: str, wrong: str) -> None:
    [cause] = told(call)
    assert wrong in cause
    assert cause.endswith(" in services/messages.py:7")


@pytest.mark.parametrize(
    "call",
    [
        "Ddb.list_messages(ddb, message_group_uuid)",
        "Ddb.list_messages(ddb, message_group_uuid, 40)",
        "Ddb.list_messages(message_group_uuid=message_group_uuid, client=ddb)",
        "Ddb.list_messages(*body)",
        "Ddb.list_messages(ddb, **body)",
        "Ddb.item(message_group_uuid, message, at='now')",
        "Ddb.between(ddb, my_user_uuid, other_user_uuid)",
        "Ddb.between(ddb, other_user_uuid, my_user_uuid)",  # one may ask from either side
        "Ddb.wrapped()",
        "Ddb.anything(1, 2, three=3)",
        "Ddb().first(message_group_uuid)",
        "Ddb.create_message(ddb, message_group_uuid, message, message)",
        "Ddb.create_message(ddb, message_group_uuid, body['text'], my_user_uuid)",
        "Ddb.not_there(1)",
        "send(ddb, message_group_uuid, message)",
        "table.send(ddb, message_group_uuid, message)",
        "[send(ddb) for send in body]",  # another send
        "Ddb = body; Ddb.list_messages()",
    ],
)
def test_calls_that_fit_or_cannot_be_told(call: str) -> None:
    assert told(call) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class Ddb:", "Ddb = None\nclass Ddb:"),
        ("class Ddb:", "@some\nclass Ddb:"),
        ("    def client():", "    list_messages = some\n    def client():"),
        ("    def client():", "    if boto3:\n        def list_messages(client): pass\n    def client():"),
    ],
)
def test_what_the_library_binds_otherwise_too(old: str, new: str) -> None:
    assert told("Ddb.list_messages(ddb)") != []
    assert told("Ddb.list_messages(ddb)", library=LIBRARY.replace(old, new, 1)) == []


def test_calls_within_the_library() -> None:
    library = LIBRARY.replace("Ddb.item(message_group_uuid, message)", "Ddb.item(message, message_group_uuid)")
    [cause] = told("pass", library=library)
    assert "Ddb.item is given message as its message_group_uuid" in cause
    assert "lib/ddb.py:13" in cause


@pytest.mark.parametrize(
    "imported", ["from ..lib.ddb import Ddb", "from back_end.lib.ddb import Ddb", "from ddb import Ddb"]
)
def test_ways_to_import(imported: str) -> None:
    expected = 0 if "back_end" in imported else 1
    service = SERVICE.replace("from lib.ddb import Ddb, send\nfrom lib import ddb as table", imported)
    assert len(told("Ddb.list_messages(ddb)", service=service)) == expected


def test_advice_names_the_definition() -> None:
    files = {"lib/ddb.py": LIBRARY, "services/messages.py": SERVICE.replace("CALL", "Ddb.list_messages(ddb)")}
    [only] = found(facts(files), "ACC123")
    assert only.advice == (
        "Let the call fit lib/ddb.py:9, which defines list_messages(client, message_group_uuid, limit=20)."
    )
    assert only.severity == "error"
