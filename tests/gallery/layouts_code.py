"""Layouts: how Python is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.gallery import libraries, rewriting, seeds

if TYPE_CHECKING:
    from tests.gallery.tree import Tree


def flat_seed(tree: Tree) -> None:
    """The seed is one script without functions."""
    tree["table-seed"] = seeds.FLAT


def resource_seed(tree: Tree) -> None:
    """The seed uses the resource API, a class and `main()`."""
    tree["table-seed"] = seeds.RESOURCE


def seed_of_a_class(tree: Tree) -> None:
    """Users come as JSON text of Postgres, and writes are functions with many arguments."""
    tree["table-seed"] = seeds.OF_A_CLASS
    tree.replace("db-library", ("\n\ndb = Db()\n", seeds.JSON_METHODS))


def library_of_a_class(tree: Tree) -> None:
    """The library spells out each query and each item."""
    tree["library"] = libraries.OF_A_CLASS


def concatenated(tree: Tree) -> None:
    """`"GRP#" + uuid`."""
    tree.each(".py", rewriting.concatenated)


def by_percent(tree: Tree) -> None:
    """`"GRP#%s" % uuid`."""
    tree.each(".py", rewriting.by_percent)


def by_format(tree: Tree) -> None:
    """`"GRP#{}".format(uuid)`."""
    tree.each(".py", rewriting.by_format)


def single_quoted(tree: Tree) -> None:
    """`'GRP#'`."""
    tree.each(".py", rewriting.single_quoted)


def tabbed(tree: Tree) -> None:
    """Tabs in Python."""
    tree.each(".py", rewriting.tabbed)


def by_two_spaces(tree: Tree) -> None:
    """Two spaces in Python."""
    tree.each(".py", rewriting.by_two_spaces)


def dead_code(tree: Tree) -> None:
    """Earlier attempts stand in comments and in texts that nobody reads."""
    attempts = (
        '\n# "pk": {"S": f"MSG-{group}"}, "sk": {"S": datetime.now().isoformat()}\n'
        "# table.scan()  # andrewbrown, bayko; year = '2023'\n"
        '"""\nclient.query(TableName="another-table", IndexName="no-such-index",\n'
        'KeyConditionExpression="pk = :pk AND begins_with(sk, :year)")\n"""\n'
    )
    for part in ("table-seed", "messages", "groups", "library", "handler"):
        tree[part] += attempts


def other_variables(tree: Tree) -> None:
    """Variables have other names, in German here."""
    for old, new in (
        ("created_at", "zeitpunkt"),
        ("MY_HANDLE", "ICH"),
        ("OTHER_HANDLE", "DU"),
        ("GROUP", "GRUPPE"),
        ("people", "leute"),
        ("lines", "zeilen"),
        ("line", "zeile"),
        ("put_message", "schreibe_nachricht"),
        ("put_group", "schreibe_gruppe"),
        ("get_user", "hole_nutzer"),
        ("client", "verbindung"),
    ):
        for part in ("table-seed", "messages", "groups"):
            tree[part] = re.sub(rf"(?<![\w.\"']){old}\b(?!=\w*[\"'])", new, tree[part])
    tree["table-seed"] = tree["table-seed"].replace("boto3.verbindung", "boto3.client")


def table_named_in_the_library(tree: Tree) -> None:
    """Only the library reads the variable; scripts write the table's name out."""
    for part in ("table-seed", "table-schema", "scan", "messages", "groups"):
        tree[part] = tree[part].replace('os.getenv("DDB_MESSAGE_TABLE", "cruddur-messages")', '"cruddur-messages"')


def resource_handler(tree: Tree) -> None:
    """The handler uses the resource API for its query, and one function for all."""
    tree["handler"] = """\
import os

import boto3
from boto3.dynamodb.conditions import Key

TABLE = os.environ.get("DDB_MESSAGE_TABLE", "cruddur-messages")
dynamodb = boto3.resource("dynamodb")
table = dynamodb.Table(TABLE)


def newest(group):
    return table.query(
        KeyConditionExpression=Key("pk").eq("MSG#" + group), ScanIndexForward=False, Limit=1
    )["Items"]


def lambda_handler(event, context):
    groups = set()
    for record in event["Records"]:
        pk = record["dynamodb"]["Keys"]["pk"]["S"]
        if pk.startswith("MSG#") and record["eventName"] in ("INSERT", "REMOVE"):
            groups.add(pk[4:])
    for group in groups:
        for message in newest(group):
            move(group, message)


def move(group, message):
    rows = table.query(
        IndexName="message-group-sk-index", KeyConditionExpression=Key("message_group_uuid").eq(group)
    )["Items"]
    for row in rows:
        if row["sk"] == message["sk"]:
            continue
        moved = dict(row, sk=message["sk"], message=message["message"])
        table.meta.client.transact_write_items(
            TransactItems=[
                {"Delete": {"TableName": TABLE, "Key": {"pk": row["pk"], "sk": row["sk"]}}},
                {"Put": {"TableName": TABLE, "Item": moved}},
            ]
        )
"""


def sam_template(tree: Tree) -> None:
    """A SAM template makes table and handler, beside the local script."""
    tree.add("template.yaml", _TEMPLATE)


_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Messages:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: cruddur-messages
      BillingMode: PAY_PER_REQUEST
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
  MessagingStream:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      CodeUri: aws/lambdas
      Handler: messaging-stream.lambda_handler
      Environment:
        Variables:
          DDB_MESSAGE_TABLE: !Ref Messages
      Policies:
        - DynamoDBCrudPolicy: {TableName: !Ref Messages}
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Messages.StreamArn
            StartingPosition: LATEST
            BatchSize: 10
"""
