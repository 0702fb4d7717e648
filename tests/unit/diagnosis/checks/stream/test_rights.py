"""Policies and templates of a stream handler."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest

from tests.unit.diagnosis.checks.conversations_project import HANDLER, NAIVE_HANDLER, SCHEMA, codes, facts, found

ARN = "arn:aws:dynamodb:ca-central-1:111122223333:table/chat"
CALLS = ["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"]

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: chat
      AttributeDefinitions:
        - {AttributeName: message_group_uuid, AttributeType: S}
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: sk, AttributeType: S}
      KeySchema:
        - {AttributeName: pk, KeyType: HASH}
        - {AttributeName: sk, KeyType: RANGE}
      GlobalSecondaryIndexes:
        - IndexName: message-group-sk-index
          KeySchema:
            - {AttributeName: message_group_uuid, KeyType: HASH}
            - {AttributeName: sk, KeyType: RANGE}
          Projection: {ProjectionType: ALL}
      StreamSpecification:
        StreamViewType: NEW_IMAGE
  Mover:
    Type: AWS::Serverless::Function
    Properties:
      Handler: stream.lambda_handler
      Runtime: python3.11
      Policies:
        - DynamoDBCrudPolicy:
            TableName: !Ref Chat
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Chat.StreamArn
            StartingPosition: LATEST
            BatchSize: 1
"""


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


def files(handler: str = NAIVE_HANDLER, **more: str) -> dict[str, str]:
    return {"schema.py": SCHEMA, "stream.py": handler, **{name.replace("__", "/"): text for name, text in more.items()}}


@pytest.mark.parametrize(
    "resources",
    [
        [ARN, f"{ARN}/index/message-group-sk-index"],
        [ARN, f"{ARN}/index/*"],
        [f"{ARN}*"],
        ["*"],
        "arn:aws:dynamodb:*:*:table/*",
    ],
)
def test_policies_that_are_enough(resources: Any) -> None:
    enough = policy({"Action": CALLS, "Resource": resources})
    assert codes(facts({**files(), "aws/stream-policy.json": enough}), "STR2") == []


def test_the_index_is_not_named() -> None:
    short = policy({"Action": CALLS, "Resource": [ARN]})
    [only] = found(facts({**files(), "aws/stream-policy.json": short}), "STR2")
    assert only.code == "STR201"
    assert "dynamodb:Query on table/chat/index/message-group-sk-index" in only.cause
    assert "is not authorized to perform: dynamodb:Query" in only.evidence[0].text
    assert "index/*" in only.advice


def test_an_action_is_missing() -> None:
    short = policy({"Action": ["dynamodb:PutItem", "dynamodb:Query"], "Resource": [ARN, f"{ARN}/index/*"]})
    [only] = found(facts({**files(), "aws/stream-policy.json": short}), "STR2")
    assert "DeleteItem" in only.cause
    assert "PutItem" not in only.cause


def test_policies_of_other_functions_are_left_alone() -> None:
    other = policy({"Action": "s3:PutObject", "Resource": "*"})
    assert codes(facts({**files(), "policy.json": other}), "STR2") == []
    enough = policy({"Action": CALLS, "Resource": "*"})
    weak = policy({"Action": "dynamodb:GetItem", "Resource": ARN})
    assert codes(facts({**files(), "policy.json": weak, "aws/stream-policy.json": enough}), "STR2") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"Statement": 3}',
        policy({"Action": CALLS, "Resource": "arn:aws:dynamodb:<region>:<account>:table/x"}),
    ],
)
def test_what_can_not_be_read_says_nothing(text: str) -> None:
    assert codes(facts({**files(), "aws/stream-policy.json": text}), "STR2") == []


def test_the_stream_is_read_on_the_table() -> None:
    read = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"]
    wrong = policy({"Action": CALLS, "Resource": "*"}, {"Action": read, "Resource": ARN})
    [only] = found(facts({**files(), "aws/stream-policy.json": wrong}), "STR2")
    assert only.code == "STR202"
    assert "table/chat/stream/*" in only.cause


def test_a_template_that_is_right() -> None:
    assert codes(facts({**files(HANDLER), "template.yaml": TEMPLATE})) == []


def test_a_template_whose_role_only_reads_the_stream() -> None:
    bare = TEMPLATE.replace("      Policies:\n        - DynamoDBCrudPolicy:\n            TableName: !Ref Chat\n", "")
    [only] = found(facts({**files(), "template.yaml": bare}), "STR2")
    assert only.code == "STR201"
    assert "the role of Mover" in only.cause
    assert str(only.place) == "template.yaml:24"


def test_a_role_from_elsewhere_is_not_judged() -> None:
    bare = TEMPLATE.replace(
        "      Policies:\n        - DynamoDBCrudPolicy:\n            TableName: !Ref Chat\n",
        "      Role: arn:aws:iam::111122223333:role/mover\n",
    )
    assert codes(facts({**files(), "template.yaml": bare}), "STR2") == []


def test_a_table_of_another_name_in_the_template() -> None:
    renamed = TEMPLATE.replace("      TableName: chat\n", "")
    assert codes(facts({**files(HANDLER), "template.yaml": renamed})) == []


def test_batch_size_one_hides_a_fault() -> None:
    [only] = found(facts({**files(), "template.yaml": TEMPLATE}), "STR101")
    assert any("BatchSize 1" in each.text for each in only.evidence)


@pytest.mark.parametrize(
    ("view", "expected"), [("KEYS_ONLY", ["STR204"]), ("OLD_IMAGE", ["STR204"]), ("NEW_AND_OLD_IMAGES", [])]
)
def test_the_image_that_is_read(view: str, expected: list[str]) -> None:
    template = TEMPLATE.replace("NEW_IMAGE", view)
    assert codes(facts({"stream.py": NAIVE_HANDLER, "template.yaml": template}), "STR204") == expected
    schema = SCHEMA.replace("NEW_IMAGE", view)
    assert codes(facts({"stream.py": NAIVE_HANDLER, "schema.py": schema}), "STR204") == expected


def test_a_template_without_stream_or_index() -> None:
    no_stream = TEMPLATE.replace("      StreamSpecification:\n        StreamViewType: NEW_IMAGE\n", "")
    assert codes(facts({**files(HANDLER), "template.yaml": no_stream})) == ["STR205"]
    begin, end = TEMPLATE.index("      GlobalSec"), TEMPLATE.index("      StreamSpec")
    [only] = found(facts({**files(HANDLER), "template.yaml": TEMPLATE[:begin] + TEMPLATE[end:]}))
    assert only.code == "STR205"
    assert "message-group-sk-index" in only.cause


def test_a_filter_does_what_the_code_does_not() -> None:
    filtered = TEMPLATE.replace(
        "            BatchSize: 1\n",
        """            FilterCriteria: {Filters: [{Pattern: '{"eventName": ["INSERT"]}'}]}\n""",
    )
    assert codes(facts({**files(), "template.yaml": filtered}), "STR102", "STR107") == []


@pytest.mark.parametrize(
    "text", ["Resources: [", "Resources:\n  A: 3\n", "Resources:\n  A:\n    Type: AWS::DynamoDB::Table\n", "- 1"]
)
def test_odd_templates(text: str) -> None:
    assert codes(facts({**files(HANDLER), "template.yaml": dedent(text)})) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("stream.lambda_handler", "lambda_handler", ["STR206"]),
        ("Runtime: python3.11", "Runtime: !Ref Python", []),
        ("stream.lambda_handler", "!Ref Entry", []),
        ("stream.lambda_handler\n      Runtime: python3.11", "bootstrap\n      Runtime: provided.al2", []),
        ("stream.lambda_handler\n      Runtime: python3.11", "main\n      Runtime: go1.x", []),
    ],
)
def test_a_handler_named_without_its_file(old: str, new: str, told: list[str]) -> None:
    text = TEMPLATE.replace(old, new)
    everything = found(facts({**files(HANDLER), "template.yaml": text}), "STR206")
    assert [each.code for each in everything] == told
    assert all("Write `Handler: stream.lambda_handler`." in each.advice for each in everything)
    assert all("Handler: lambda_handler" in each.evidence[0].text for each in everything)
