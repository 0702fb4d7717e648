"""The schema: what is refused, what is missing, what does not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.diagnosis.checks.conversations_project import (
    HANDLER,
    SCHEMA,
    called,
    codes,
    crash,
    facts,
    found,
    held,
    ran,
    run,
)

GOOD = {"schema.py": SCHEMA, "stream.py": HANDLER}
#: The same table by a dictionary, a variable, and single statements.
OTHER_WAY = """
import boto3
attrs = {}
ddb = boto3.client('dynamodb', **attrs)
table_name = "chat"
def key(name, kind):
    return {"AttributeName": name, "KeyType": kind}
params = dict(TableName=table_name, BillingMode="PAY_PER_REQUEST")
params["AttributeDefinitions"] = [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "message_group_uuid")]
response = ddb.create_table(**params)
"""


def test_a_schema_that_is_right() -> None:
    assert codes(facts(GOOD)) == []


def test_a_schema_that_can_not_be_told_says_nothing() -> None:
    assert codes(facts({"schema.py": OTHER_WAY, "stream.py": HANDLER}), "ACC") == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("        {'AttributeName': 'message_group_uuid', 'AttributeType': 'S'},\n", "", "message_group_uuid is a key of the index"),
        ("{'AttributeName': 'pk', 'AttributeType': 'S'},",
         """{'AttributeName': 'pk', 'AttributeType': 'S'}, {'AttributeName': 'message', 'AttributeType': 'S'},""", "message is in AttributeDefinitions and is a key of nothing"),
        ("        'Projection': {'ProjectionType': 'ALL'},\n", "", "has no Projection"),
        ("BillingMode='PAY_PER_REQUEST',", "BillingMode='PROVISIONED',", "needs a ProvisionedThroughput"),
        ("'sk', 'KeyType': 'RANGE'}],", "'sk', 'KeyType': 'HASH'}],", "HASH and HASH"),
        ("GlobalSecondaryIndexes", "LocalSecondaryIndexes", "is a GlobalSecondaryIndex"),
    ],
)  # fmt: skip
def test_what_dynamodb_refuses(old: str, new: str, words: str) -> None:
    assert old in SCHEMA
    broken = {**GOOD, "schema.py": SCHEMA.replace(old, new, 1)}
    first = found(facts(broken))[0]
    assert first.code == "ACC204"
    assert words in first.cause
    answer = "An error occurred (ValidationException) when calling the CreateTable operation: One or more …"
    refused = run(
        "schema.py",
        traceback=crash("schema.py", 4, "botocore.exceptions.ClientError", answer),
        calls=(called("CreateTable", "ValidationException"),),
    )
    assert codes(facts(broken, rehearsal=ran(refused))) == ["ACC204"]
    made = run("schema.py", calls=(called("CreateTable"),))
    assert codes(facts(broken, rehearsal=ran(made)), "ACC204") == []


def test_a_table_that_is_there_already_is_no_fault() -> None:
    again = run(
        "schema.py",
        pass_=2,
        calls=(called("CreateTable", "ResourceInUseException"),),
        traceback=crash("schema.py", 4, "E", "x"),
    )
    assert codes(facts(GOOD, rehearsal=ran(run("schema.py", calls=(called("CreateTable"),)), again))) == []


def test_an_index_by_another_key() -> None:
    broken = SCHEMA.replace(
        "{'AttributeName': 'message_group_uuid', 'KeyType': 'HASH'}", "{'AttributeName': 'pk', 'KeyType': 'HASH'}"
    )
    broken = broken.replace("        {'AttributeName': 'message_group_uuid', 'AttributeType': 'S'},\n", "")
    [only] = found(facts({**GOOD, "schema.py": broken}))
    assert only.code == "ACC202"
    assert "pk and sk" in only.cause


def test_an_index_that_leaves_out_what_is_read() -> None:
    handler = HANDLER.replace(
        "for row in rows:", "for row in rows:\n            print(row['message_group_uuid'], row['user_uuid'])"
    )
    keys_only = SCHEMA.replace("'ProjectionType': 'ALL'", "'ProjectionType': 'KEYS_ONLY'")
    [only] = found(facts({"schema.py": keys_only, "stream.py": handler}))
    assert only.code == "ACC203"
    assert "leaves out user_uuid" in only.cause
    included = SCHEMA.replace(
        "'ProjectionType': 'ALL'", "'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['user_uuid']"
    )
    assert codes(facts({"schema.py": included, "stream.py": handler})) == []


SEED = """
def put(client, room, at):
    client.put_item(TableName='chat', Item={'pk': {'S': f'MSG#{room}'}, 'sk': {'S': at}, 'message': {'S': 'x'}})
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (", {'AttributeName': 'sk', 'KeyType': 'RANGE'}],", "],", "has only the key pk"),
        ("{'AttributeName': 'sk', 'AttributeType': 'S'}", "{'AttributeName': 'sk', 'AttributeType': 'N'}", "defines sk as N"),
        ("'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],",
         "'sk', 'KeyType': 'HASH'}, {'AttributeName': 'pk', 'KeyType': 'RANGE'}],", "has sk as its HASH key"),
    ],
)  # fmt: skip
def test_keys_that_the_items_do_not_have(old: str, new: str, words: str) -> None:
    assert old in SCHEMA
    [only] = found(facts({"schema.py": SCHEMA.replace(old, new), "seed.py": SEED}))
    assert only.code == "ACC205"
    assert words in only.cause
    assert codes(facts({"schema.py": SCHEMA, "seed.py": SEED})) == []


def test_a_local_index_after_the_table() -> None:
    tool = "c.update_table(TableName='chat', LocalSecondaryIndexes=[{'IndexName': 'x'}])\n"
    assert codes(facts({**GOOD, "scan.py": tool})) == ["ACC206"]
    assert codes(facts({**GOOD, "scan.py": tool.replace("Local", "Global")})) == []


def test_nobody_turns_the_stream_on() -> None:
    silent = SCHEMA.replace("    StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'},\n", "")
    assert codes(facts({**GOOD, "schema.py": silent})) == ["ACC207"]
    assert codes(facts({"schema.py": silent})) == []


def test_the_table_itself_tells_its_shape() -> None:
    description = {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    }
    [only] = found(facts({"schema.py": OTHER_WAY, "stream.py": HANDLER}, held=held(**description)), "ACC201")
    assert "has no index at all" in only.cause


LIBRARY = """
class Ddb:
    def read(client, room):
        table_name = 'chats'
        return client.query(TableName=table_name, KeyConditionExpression='pk = :pk',
            ExpressionAttributeValues={':pk': {'S': f'MSG#{room}'}})
"""


def test_a_table_by_another_name() -> None:
    [only] = found(facts({**GOOD, "lib/ddb.py": LIBRARY}))
    assert only.code == "ACC115"
    assert str(only.place) == "lib/ddb.py:4"
    assert only.edits[0].new == "        table_name = 'chat'\n"
    assert only.fixable


def test_a_table_that_only_the_schema_calls_so() -> None:
    library = LIBRARY.replace("'chats'", "'chat_messages'")
    schema = SCHEMA.replace("'chat'", "'chat-messages'")
    handler = HANDLER.replace("'chat'", "'chat_messages'")
    [only] = found(facts({"schema.py": schema, "lib/ddb.py": library, "stream.py": handler}))
    assert only.code == "ACC115"
    assert only.place is not None
    assert only.place.path == "schema.py"


@pytest.mark.parametrize(
    "name",
    [
        "os.getenv('DDB_MESSAGE_TABLE')",
        "os.environ['TABLE']",
        "sys.argv[1]",
        "'visitors-counter'",
        "config.TABLE",
        "'chat'",
    ],
)
def test_names_that_say_nothing(name: str) -> None:
    library = "import os, sys, config\n" + LIBRARY.replace("'chats'", name)
    assert codes(facts({**GOOD, "lib/ddb.py": library})) == []


def test_facts_of_data_alone() -> None:
    assert codes(replace(facts({}), project=None, held=held())) == []
