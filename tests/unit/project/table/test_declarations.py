from __future__ import annotations

from typing import Any

import pytest

from harness.project.table.declarations import Index, declared_tables, shape_of
from tests.unit.project.written import project, source

CREATE = """\
import boto3
attrs = {'endpoint_url': 'http://localhost:8000'}
table_name = 'talks'
client = boto3.client('dynamodb', **attrs)
response = client.create_table(
  TableName=table_name,
  AttributeDefinitions=[{'AttributeName': name, 'AttributeType': 'S'}, {'AttributeName': 'sk', 'AttributeType': 'S'}],
  KeySchema=[{'AttributeName': 'sk', 'KeyType': 'RANGE'}, {'AttributeName': 'pk', 'KeyType': 'HASH'}],
  GlobalSecondaryIndexes=[{
    'IndexName': 'by-group', 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}],
    'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['message']},
  }],
  StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'},
)
"""


def test_a_script_declares_its_table() -> None:
    [shape] = declared_tables(project(source("bin/ddb/schema-load", CREATE, "table-schema")))
    assert (shape.name, shape.keys, shape.stream, str(shape.place)) == (
        "talks", ("pk", "sk"), "NEW_IMAGE", "bin/ddb/schema-load:5",
    )  # fmt: skip
    assert shape.index("by-group") == Index(name="by-group", keys=("g",), projected=frozenset({"message"}))
    assert shape.index("gone") is None


@pytest.mark.parametrize(
    ("name", "elsewhere", "tables"),
    [
        ("os.getenv('T', 'talks')", "", ["talks"]),
        ("os.environ.get('T', 'talks')", "", ["talks"]),
        ("os.getenv('T', 'talks')", "T=other\n", []),
        ("os.getenv('T')", "", []),
        ("sys.argv[1]", "", []),
    ],
)
def test_a_default_counts_where_nothing_sets_the_variable(name: str, elsewhere: str, tables: list[str]) -> None:
    code = CREATE.replace("'talks'", name)
    some = project(source("bin/ddb/schema-load", code, "table-schema"), source(".env", elsewhere))
    assert [shape.name for shape in declared_tables(some)] == tables


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"KeySchema": []},
        {"KeySchema": 5, "AttributeDefinitions": []},
        {"KeySchema": [{"KeyType": "HASH"}], "AttributeDefinitions": []},
        {"KeySchema": [{"AttributeName": "pk", "KeyType": "RANGE"}], "AttributeDefinitions": []},
        {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "AttributeDefinitions": "x"},
        {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "AttributeDefinitions": [], "GlobalSecondaryIndexes": [5]},
        {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "AttributeDefinitions": [], "LocalSecondaryIndexes": {}},
    ],
)  # fmt: skip
def test_what_is_no_table_has_no_shape(odd: dict[str, Any]) -> None:
    assert shape_of(odd, name="x") is None


def test_odd_streams_are_none() -> None:
    table = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "AttributeDefinitions": [5, {}]}
    for stream in (None, 5, {}, {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}):
        shape = shape_of({**table, "StreamSpecification": stream}, name="x")
        assert shape is not None
        assert shape.stream is None
