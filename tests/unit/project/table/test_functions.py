from __future__ import annotations

from harness.project.table.functions import called_names, functions_in, table_functions
from tests.unit.project.written import source

LIBRARY = """\
class Ddb:
    def list_message_groups(client, me):
        return client.query(TableName='t', KeyConditionExpression='pk = :pk',
            ExpressionAttributeValues={':pk': {'S': f"GRP#{me}"}})

    def item(group):
        return {'pk': {'S': f"MSG#{group}"}}

    async def create_message_group(client, me):
        mine = {'pk': {'S': f'GRP#{me}'}, 'sk': {'S': now}}
        client.batch_write_item(RequestItems={'t': [{'PutRequest': {'Item': mine}}, {'PutRequest': {'Item': item(me)}}]})

    def nothing(): pass
"""


def test_what_functions_read_and_write() -> None:
    reads, writes = table_functions(source("lib/ddb.py", LIBRARY))
    assert (reads.name, *map(set, (reads.reads, reads.writes))) == ("list_message_groups", {"GRP#"}, set())
    assert (writes.name, *map(set, (writes.reads, writes.writes))) == ("create_message_group", set(), {"GRP#", "MSG#"})
    assert writes.operations == {"BatchWriteItem"}
    assert str(writes.place) == "lib/ddb.py:9"


def test_names_of_functions_and_calls() -> None:
    library = source("lib/ddb.py", LIBRARY)
    assert [each.name for each in functions_in(library)] == [
        "list_message_groups", "item", "create_message_group", "nothing",
    ]  # fmt: skip
    assert library.tree is not None
    assert called_names(library.tree) == {"query", "batch_write_item", "item"}
    assert table_functions(source("a.py", "def f(")) == ()
    assert functions_in(source("a.py", "def f(")) == ()


def test_items_that_a_call_makes() -> None:
    text = "def new(table, me, g):\n    table.put_item(TableName='t', Item=dict(pk=f'GRP#{me}'))\n    table.put_item(TableName='t', Item=dict(pk=f'MSG#{g}'))\n"
    [new] = table_functions(source("lib/ddb.py", f"import boto3\n{text}"))
    assert new.writes == {"GRP#", "MSG#"}
