from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import pytest

from harness.diagnosis.facts import Facts
from harness.diagnosis.machine import Machine, Port
from harness.diagnosis.registry import all_checks
from harness.exchange import Exchange
from harness.project.recognise import recognise
from harness.rehearsal.results import Rehearsal
from tests.gallery.tree import Tree
from tests.unit.diagnosis.mangling import mangled, odd_held

if TYPE_CHECKING:
    from pathlib import Path

    from harness.diagnosis.finding import Problem
    from harness.project.source import Project

NOW = datetime(2026, 12, 1, tzinfo=UTC)

_BODIES = ("", "{}", "[]", "null", "[1]", '[{"uuid": 5}]', "<html>", '{"a":' * 3000, "[" * 5000, "NaN", "\ud800")
_SENT = ("Bearer null", "Bearer a.b.c", "", "Bearer " + "=" * 50, "Bearer W10.W10.W10", "Bearer e30.eyJleHAiOjFlMzAwfQ.x",
         "Bearer e30.eyJhdWQiOlsieCJdfQ.x", "Bearer \u00e9.\u00e9.\u00e9", "Basic a b c")  # fmt: skip
_URLS = ("http://127.0.0.1:4567/api/messages/x", "", "http://[::1/api", "http://h:99999/api/message_groups", "%zz")

#: Code that leads in circles, or hands over what nobody hands over.
_ODD_CODE = {
    "a condition in a circle": "def f():\n  while True:\n    e = d\n    d = e\n  t.query(KeyConditionExpression=e)\nf()\n",
    "names in a circle": "a = b\nb = a\nt.query(KeyConditionExpression=a, TableName=b)\nt.put_item(TableName=a, Item=b)\n",
    "functions in a circle": "def put(n):\n  client.put_item(TableName='t', Item={'pk': {'S': 'MSG#1'}})\n  again(n)\n"
    "def again(n):\n  put(n - 1)\nfor i in range(5):\n  put(i)\n",
    "paths in a circle": "import sys, os\np = q\nq = p\nsys.path.append(os.path.join(p, q))\n",
    "handles in a circle": "for handle in handle:\n  handle = handle\nwith handle as handle: pass\nhandles = handles\n",
    "odd parameters": "t.create_table(TableName=5, KeySchema=5, AttributeDefinitions='x', GlobalSecondaryIndexes=[5, None])\n"
    "t.create_table(TableName='x', KeySchema=[{'AttributeName': ['x'], 'KeyType': {}}], AttributeDefinitions=[{}])\n"
    "client.query(TableName=[], IndexName={}, KeyConditionExpression=5, ExpressionAttributeValues=5, Limit='x')\n"
    "client.query(**{**a}, **b)\nclient.put_item(Item={**x})\nclient.update_item()\n",
    "odd formats": "x = '%d %s %%' % (1,)\ny = '{0} {a} {'.format(1)\nz = {}[[]]\nt.query(KeyConditionExpression=x + y + z)\n",
}
_ODD_TEMPLATES = {
    "one that holds itself": "Resources: &a\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties: *a\n",
    "empty parts": "Resources:\n  T:\n  U:\n    Type: AWS::DynamoDB::Table\n  V: [1]\n  5: {Type: AWS::Lambda::Function}\n",
    "odd functions": "Parameters: 5\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n"
    "      TableName: !Sub ['${a}', 5]\n      KeySchema: !If [a]\n      AttributeDefinitions: !Ref [x]\n"
    "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies: [{DynamoDBCrudPolicy: x}, 5, {Statement: 5}]\n"
    "      Events:\n        S: {Type: DynamoDB, Properties: {Stream: !GetAtt T.StreamArn, BatchSize: x}}\n        U: 5\n",
    "names in a circle": "Parameters: {A: {Type: String, Default: !Ref A}}\nResources:\n"
    "  T: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: !Ref T, KeySchema: !Sub '${T}'}}\n",
    "a date that is none": "Resources:\n  T: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: 2023-99-99}}\n",
}
_HEAD = "import boto3\nclient = boto3.client('dynamodb')\nt = boto3.resource('dynamodb').Table('messages')\n"


def looked(facts: Facts) -> list[Problem]:
    """Run every check, also those that others would silence."""
    return [problem for check in all_checks().values() for problem in check.look(facts)]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("clean")
    Tree.clean().write(root)
    return recognise(root)


@pytest.mark.parametrize("seed", range(16))
def test_mangled_projects(seed: int, tmp_path: Path) -> None:
    random, tree = Random(seed), Tree.clean()
    hit = random.sample([*tree.files], random.randrange(1, len(tree.files)))
    tree.write(tmp_path)
    for path in hit:
        (tmp_path / path).write_bytes(mangled(tree.files[path], random))
    looked(Facts(now=NOW, project=recognise(tmp_path), held=odd_held(random)))


@pytest.mark.parametrize("seed", range(60))
def test_odd_databases(seed: int, clean: Project) -> None:
    random = Random(seed)
    held = odd_held(random)
    rehearsal = random.choice([None, Rehearsal(first=held, second=random.choice([None, odd_held(random)]))])
    looked(Facts(now=NOW, project=random.choice([None, clean]), held=held, rehearsal=rehearsal))


@pytest.mark.parametrize("seed", range(20))
def test_odd_exchanges_and_machines(seed: int, clean: Project) -> None:
    random = Random(seed)
    exchanges = [
        Exchange(
            method=random.choice(["GET", "POST", "OPTIONS", "", "get"]),
            url=random.choice(_URLS),
            request_headers=tuple(("Authorization", each) for each in random.sample(_SENT, random.randrange(3))),
            request_body=random.choice(_BODIES),
            status=random.choice([200, 401, 0, 500, 422, -1]),
            response_headers=random.choice([(), (("content-type", "application/json"),), (("Content-Type", ""),)]),
            response_body=random.choice(_BODIES),
        )
        for _ in range(8)
    ]
    machine = Machine(
        engines=random.choice([{}, {"docker": "no", "embedded": None}]),
        ports=tuple(
            Port(number=each, service=random.choice(["dynamodb", ""]), holder=None, ours=False) for each in (0, 8000)
        ),
        localhost=random.choice([(), ("::1", "127.0.0.1")]),
        environment=random.choice([{}, {"AWS_ENDPOINT_URL": "", "CONNECTION_URL": "x://["}]),
    )
    looked(Facts(now=NOW, project=random.choice([None, clean]), exchanges=tuple(exchanges), machine=machine))


@pytest.mark.parametrize("name", _ODD_TEMPLATES)
def test_odd_templates(name: str, tmp_path: Path) -> None:
    tree = Tree.clean()
    tree.add("template.yaml", _ODD_TEMPLATES[name])
    tree.write(tmp_path)
    looked(Facts(now=NOW, project=recognise(tmp_path)))


@pytest.mark.parametrize("name", _ODD_CODE)
@pytest.mark.parametrize("part", ["table-seed", "table-schema", "messages", "library", "handler", "app"])
def test_odd_code(name: str, part: str, tmp_path: Path) -> None:
    tree = Tree.clean()
    tree[part] = (
        _HEAD + _ODD_CODE[name] + ("def lambda_handler(event, context):\n  pass\n" if part == "handler" else "")
    )
    tree.write(tmp_path)
    looked(Facts(now=NOW, project=recognise(tmp_path)))
