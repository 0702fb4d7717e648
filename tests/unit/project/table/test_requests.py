from __future__ import annotations

import pytest

from harness.project.python.expressions import HOLE, YEAR
from harness.project.table.requests import TableRequest, requests_of
from tests.unit.project.written import source


def request(code: str) -> TableRequest:
    [found] = requests_of(source("lib/ddb.py", code))
    return found


CLIENT = "client = boto3.client('dynamodb')\n"
WANTED = [("pk", "=", f"MSG#{HOLE}"), ("sk", "begins_with", YEAR)]


@pytest.mark.parametrize(
    "code",
    [
        """\
        def messages(client, group):
            year = str(datetime.now().year)
            params = {
                'TableName': 'talks',
                'KeyConditionExpression': 'pk = :pk AND begins_with(sk,:year)',
                'ExpressionAttributeValues': {':year': {'S': year}, ':pk': {'S': f"MSG#{group}"}},
            }
            return client.query(**params)
        """,
        """\
        TABLE = 'talks'
        def messages(group):
            return client.query(
                TableName=TABLE, KeyConditionExpression='#p = :pk AND begins_with(#s, :y)',
                ExpressionAttributeNames={'#p': 'pk', '#s': 'sk'},
                ExpressionAttributeValues={':y': {'S': datetime.now().strftime('%Y')}, ':pk': {'S': 'MSG#' + group}})
        """,
        """\
        table = boto3.resource('dynamodb').Table('talks')
        def messages(group):
            return table.query(KeyConditionExpression=Key('pk').eq('MSG#%s' % group) & Key('sk').begins_with(f'{datetime.now():%Y}'))
        """,
        """\
        table = boto3.resource('dynamodb').Table('talks')
        def messages(group):
            condition = Key('pk').eq('MSG#{}'.format(group)) & conditions.Key('sk').begins_with(str(date.today().year))
            kwargs = {'KeyConditionExpression': condition}
            return table.query(**kwargs)
        """,
        """\
        def messages(group):
            pages = boto3.client('dynamodb').get_paginator('query')
            return pages.paginate(TableName='talks', KeyConditionExpression='pk = :pk AND begins_with(sk, :y)',
                ExpressionAttributeValues={':y': {'S': str(datetime.utcnow().year)}, ':pk': {'S': f'MSG#{group}'}})
        """,
        """\
        def messages(group):
            return ask({'TableName': 'talks', 'KeyConditionExpression': 'pk = :pk AND begins_with(sk, :y)',
                'ExpressionAttributeValues': {':y': {'S': str(datetime.now().year)}, ':pk': {'S': f'MSG#{group}'}}})
        """,
    ],
)  # fmt: skip
def test_a_query_is_read_however_it_is_written(code: str) -> None:
    found = request(code)
    assert (found.operation, found.table) == ("Query", "talks")
    assert [(each.attribute, each.operator, each.value) for each in found.conditions] == WANTED
    assert found.function is not None
    assert found.function.name == "messages"


@pytest.mark.parametrize(
    ("code", "paged"),
    [
        ("client.query(TableName='a')", False),
        ("client.get_paginator('scan').paginate(TableName='a')", True),
        ("while True:\n  r = client.query(TableName='a')\n  if 'LastEvaluatedKey' not in r: break", True),
        ("client.query(TableName='a', ExclusiveStartKey=k)", True),
    ],
)
def test_whether_it_goes_on_after_a_page(code: str, paged: bool) -> None:  # noqa: FBT001 - a column
    assert request(code).paged is paged


@pytest.mark.parametrize(
    "code",
    [
        "db.query('SELECT 1')",
        "session.query(User)",
        "scan()",
        "client.query()",
        "x.paginate()",
        "print('put_item')",
        "query = 1",
    ],
)
def test_calls_of_other_libraries_are_none(code: str) -> None:
    assert requests_of(source("a.py", code)) == ()


def test_what_is_not_known_is_told_as_that() -> None:
    found = request("client.put_item(**params, Item={**item})")
    assert (found.complete, found.table, found.index, found.conditions) == (False, None, None, ())
    assert request("import os\nclient.scan(TableName=os.getenv('T'), Limit=5)").table is None


def test_conditions_in_a_circle_are_unknown() -> None:
    assert request("a = b\nb = a\nclient.query(TableName='x', KeyConditionExpression=a)").conditions == ()


def test_items_of_a_batch_writer_go_to_its_table() -> None:
    code = "with boto3.resource('dynamodb').Table('talks').batch_writer() as batch:\n  batch.put_item(Item={'pk': 'MSG#1'})\n"
    assert request(code).table == "talks"


def test_other_files_make_none() -> None:
    assert requests_of(source("a.sh", "aws dynamodb query")) == ()
    assert requests_of(source("a.py", "client.query(TableName='x'")) == ()
