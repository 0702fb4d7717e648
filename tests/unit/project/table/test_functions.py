from __future__ import annotations

import pytest

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


_MADE = """
class Ddb:
    def create_message_group(client, me, other, group):
        rows = CALLS
        client.batch_write_item(RequestItems={'t': [{'PutRequest': {'Item': row}} for row in rows]})

    def row(key, at='', *, kind='S'):
        return {'pk': {kind: key}, 'sk': {'S': at}}

    @staticmethod
    def still(at, key):
        return {'pk': {'S': key}, 'sk': {'S': at}}

    def named(self, key):
        return {'pk': {'S': key}}

    def asks(client, key):
        return client.query(TableName='t', KeyConditionExpression='pk = :pk', ExpressionAttributeValues={':pk': {'S': key}})
"""


@pytest.mark.parametrize(
    ("calls", "written"),
    [
        ("[Ddb.row(f'GRP#{me}', 'now'), Ddb.row(f'MSG#{group}')]", {"GRP#", "MSG#"}),
        ("[Ddb.row(key=f'GRP#{me}'), Ddb.row(at='now', key=f'MSG#{group}')]", {"GRP#", "MSG#"}),
        ("[Ddb.still('now', f'GRP#{me}'), Ddb.still(f'MSG#{group}', f'GRP#{other}')]", {"GRP#"}),
        ("[self.named(f'GRP#{me}'), self.still('now', f'MSG#{group}')]", {"GRP#", "MSG#"}),
        ("[Ddb.named(None, f'GRP#{me}')]", {"GRP#"}),
        ("[Ddb.row(*f'GRP#{me}')]", set()),
        ("Ddb.asks(client, f'GRP#{me}')", set()),
        ("print(f'GRP#{me}')", set()),
    ],
)
def test_keys_that_are_handed_to_a_maker_of_items(calls: str, written: set[str]) -> None:
    create = table_functions(source("lib/ddb.py", _MADE.replace("CALLS", calls)))[0]
    assert (create.name, set(create.writes)) == ("create_message_group", written)
