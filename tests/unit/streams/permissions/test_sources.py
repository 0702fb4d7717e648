from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import EnvironmentFailure, UsageError
from harness.streams.permissions.check import check
from harness.streams.permissions.sources import accounts_named, read_policies
from tests.unit.streams.permissions.given import (
    ACCOUNT,
    LOGS,
    ME,
    QUEUE,
    READING,
    REGION,
    TABLE,
    allow,
    call,
    needs,
    put,
)

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = {"Version": "2012-10-17", "Statement": [READING, LOGS, allow("dynamodb:PutItem", TABLE)]}

SAM = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
  Secret: {Type: String}
Globals:
  Function: {Tracing: Active}
Resources:
  Messages:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: !Sub "messages"}
  Failed: {Type: AWS::SQS::Queue, Properties: {QueueName: discarded}}
  News: {Type: AWS::SNS::Topic}
  Stream:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: messages-stream
      Policies:
        - DynamoDBCrudPolicy: {TableName: !Ref Messages}
        - AWSLambdaVPCAccessExecutionRole
        - SNSPublishMessagePolicy: {TopicName: !GetAtt News.TopicName}
        - AWSSecretsManagerGetSecretValuePolicy: {SecretArn: !Ref Secret}
        - EFSWriteAccessPolicy: {FileSystem: x, AccessPoint: y}
        - Version: 2012-10-17
          Statement:
            - Effect: Allow
              Action: s3:PutObject
              Resource: !Sub arn:${AWS::Partition}:s3:::exports-${Stage}/*
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Messages.StreamArn
            DestinationConfig:
              OnFailure: {Type: SQS, Destination: !GetAtt Failed.Arn}
"""

ROLES = """
Resources:
  Messages: {Type: AWS::DynamoDB::Table, Properties: {TableName: messages}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole
        - !Ref Shared
        - arn:aws:iam::111122223333:policy/theirs
      Policies:
        - PolicyName: writes
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              Effect: Allow
              Action: dynamodb:PutItem
              Resource: !GetAtt Messages.Arn
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt [Messages, Arn]}]
  Attached:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref Role]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: dynamodb:Query
            Resource: !Join ["/", [!GetAtt Messages.Arn, index, "*"]]
  Elsewhere:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref Another]
      PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
  First: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Second: {Type: AWS::Lambda::Function, Properties: {FunctionName: two, Role: "arn:aws:iam::1:role/r"}}
"""


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_policy_document(tmp_path: Path) -> None:
    policies = read_policies(write(tmp_path, "role.json", DOCUMENT), identity=ME)
    assert [policy.name for policy in policies] == ["role.json"]
    assert check([put()], needs(), policies, identity=ME).ok


@pytest.mark.parametrize(
    "wrapped",
    [
        {"RoleName": "r", "PolicyName": "p", "PolicyDocument": DOCUMENT},
        {"PolicyVersion": {"VersionId": "v1", "Document": DOCUMENT}},
    ],
)
def test_a_document_as_the_aws_cli_shows_it(tmp_path: Path, wrapped: Any) -> None:
    assert check([put()], needs(), read_policies(write(tmp_path, "p.json", wrapped), identity=ME), identity=ME).ok


def test_a_folder_is_one_role(tmp_path: Path) -> None:
    for number, statement in enumerate(DOCUMENT["Statement"]):
        write(tmp_path, f"{number}.json", {"Version": "2012-10-17", "Statement": statement})
    policies = read_policies(tmp_path, identity=ME)
    assert len(policies) == 3
    assert check([put()], needs(), policies, identity=ME).ok


def test_a_sam_function_has_what_sam_gives_it(tmp_path: Path) -> None:
    policies = read_policies(write(tmp_path, "template.yaml", SAM), identity=ME)
    assert [policy.name for policy in policies] == [
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSXRayDaemonWriteAccess",
        "Stream Destination",
        "DynamoDBCrudPolicy",
        "AWSLambdaVPCAccessExecutionRole",
        "SNSPublishMessagePolicy",
        "AWSSecretsManagerGetSecretValuePolicy",
        "EFSWriteAccessPolicy",
        "Stream policy 6",
    ]


def test_a_sam_function_may_do_what_its_template_says(tmp_path: Path) -> None:
    policies = [p for p in read_policies(write(tmp_path, "t.yaml", SAM), identity=ME) if not p.unexamined]
    calls = [
        put(),
        call("dynamodb", "Query", TableName="messages", IndexName="i"),
        call("s3", "PutObject", Bucket="exports-dev", Key="k"),
        call("sns", "Publish", TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:News"),
    ]
    assert check(calls, needs(QUEUE), policies, identity=ME).refused == ()
    not_granted = [
        call("dynamodb", "ExecuteStatement", Statement='SELECT * FROM "messages"'),
        put("users"),
        call("s3", "PutObject", Bucket="exports-prod", Key="k"),
    ]
    assert len(check(not_granted, needs(), policies, identity=ME).refused) == 3


def test_what_a_template_leaves_open_is_not_decided(tmp_path: Path) -> None:
    policies = [p for p in read_policies(write(tmp_path, "t.yaml", SAM), identity=ME) if not p.unexamined]
    report = check([call("secretsmanager", "GetSecretValue", SecretId="db")], needs(), policies, identity=ME)
    assert report.ok
    assert "${Secret}" in report.conditional[0].condition


def test_a_role_with_everything_attached_to_it(tmp_path: Path) -> None:
    policies = read_policies(write(tmp_path, "t.yaml", ROLES), identity=ME, function="First")
    assert [policy.name for policy in policies] == [
        "writes",
        "AWSLambdaDynamoDBExecutionRole",
        "Shared",
        "arn:aws:iam::111122223333:policy/theirs",
        "Attached",
    ]
    known = [policy for policy in policies if not policy.unexamined]
    calls = [put(), call("dynamodb", "GetItem", TableName="messages")]
    calls.append(call("dynamodb", "Query", TableName="messages", IndexName="i"))
    assert check(calls, needs(), known, identity=ME).ok
    assert not check([call("dynamodb", "Query", TableName="messages")], needs(), known, identity=ME).ok


def test_a_role_made_elsewhere_cannot_be_examined(tmp_path: Path) -> None:
    [policy] = read_policies(write(tmp_path, "t.yaml", ROLES), identity=ME, function="two")
    assert policy.unexamined


MORE = """
Resources:
  Stream:
    Type: AWS::Serverless::Function
    Properties:
      VpcConfig: {SubnetIds: [a]}
      DeadLetterQueue: {Type: SNS, TargetArn: "arn:aws:sns:eu-west-1:1:t"}
    Connectors: {Inner: {Properties: {}}}
  Outer: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Stream}, Permissions: [Write]}}
  Role:
    Type: AWS::IAM::Role
    Properties: {PermissionsBoundary: "arn:aws:iam::1:policy/b"}
  Inline:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref Role
      PolicyDocument: {Statement: {Effect: Allow, Action: "s3:*", Resource: "*"}}
"""


def test_what_sam_adds_for_a_network_a_dead_letter_queue_and_connectors(tmp_path: Path) -> None:
    policies = read_policies(write(tmp_path, "t.yaml", MORE), identity=ME)
    assert {policy.name: policy.unexamined is None for policy in policies} == {
        "AWSLambdaBasicExecutionRole": True,
        "AWSLambdaVPCAccessExecutionRole": True,
        "Stream TargetArn": True,
        "Inner": False,
        "Outer": False,
    }


def test_a_role_policy_and_a_boundary(tmp_path: Path) -> None:
    policies = read_policies(write(tmp_path, "t.yaml", MORE), identity=ME, function="Role")
    assert [(policy.name, policy.unexamined is None) for policy in policies] == [
        ("Inline", True),
        ("Role's PermissionsBoundary", False),
    ]


def test_a_stream_arn_of_a_template_is_every_label(tmp_path: Path) -> None:
    text = """
Resources:
  Messages: {Type: AWS::DynamoDB::Table, Properties: {TableName: messages}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: reads
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "dynamodb:*", Resource: !GetAtt Messages.StreamArn}]
"""
    policies = read_policies(write(tmp_path, "t.yaml", text), identity=ME)
    report = check([], needs(), policies, identity=ME)
    assert report.creation_error is None
    assert report.faults == ()


@pytest.mark.parametrize(
    ("name", "content", "function", "said"),
    [
        ("p.json", {"Version": "2012-10-17"}, None, "neither a policy document"),
        ("p.json", {"AssumeRolePolicyDocument": {}, "Statement": []}, None, "neither a policy document"),
        ("p.json", "{", None, "broken JSON"),
        ("t.yaml", ROLES, None, "which function's role? The template has: First, Second"),
        ("t.yaml", ROLES, "Frist", "no function 'Frist'"),
        ("t.yaml", "Resources: []", None, "Resources is not an object"),
        ("p.json", {"Statement": {"Effect": "Allow"}}, None, "statement 1: has neither Action nor NotAction"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, name: str, content: Any, function: str | None, said: str) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(UsageError) as raised:
        read_policies(path, identity=ME, function=function)
    assert said in raised.value.message
    assert str(path) in raised.value.message


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure):
        read_policies(tmp_path / "none.json", identity=ME)
    with pytest.raises(UsageError, match=r"no \.json file"):
        read_policies(tmp_path, identity=ME)


@pytest.mark.parametrize(
    "properties",
    [
        "{Policies: 3}",
        "{Policies: [{}], Events: [], DeadLetterQueue: x}",
        "{Events: {A: {Type: DynamoDB, Properties: x}}, Policies: {DynamoDBCrudPolicy: {}}}",
        "{Role: [1]}",
        "[]",
    ],
)
def test_a_badly_shaped_function_is_no_crash(tmp_path: Path, properties: str) -> None:
    text = f"Resources: {{F: {{Type: AWS::Serverless::Function, Properties: {properties}}}}}"
    assert read_policies(write(tmp_path, "t.yaml", text), identity=ME)


def test_the_accounts_that_a_policy_names(tmp_path: Path) -> None:
    assert accounts_named(read_policies(write(tmp_path, "p.json", DOCUMENT), identity=ME)) == (ACCOUNT,)
