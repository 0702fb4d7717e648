from __future__ import annotations

import pytest

from harness.streams.permissions.evaluation import Allowed, AllowedOnlyIf, Denied, evaluate
from harness.streams.permissions.managed import managed_policy
from harness.streams.permissions.sam_templates import sam_policy
from tests.unit.streams.permissions.given import ME, STREAM, TABLE


@pytest.mark.parametrize(
    ("name", "action", "resource", "expected"),
    [
        ("AWSLambdaDynamoDBExecutionRole", "dynamodb:GetRecords", STREAM, Allowed),
        ("AWSLambdaDynamoDBExecutionRole", "dynamodb:GetItem", TABLE, Denied),
        ("AWSLambdaBasicExecutionRole", "dynamodb:GetRecords", STREAM, Denied),
        ("AWSLambdaInvocation-DynamoDB", "logs:PutLogEvents", "arn:aws:logs:a:1:x", Denied),
        ("AmazonDynamoDBReadOnlyAccess", "dynamodb:Query", TABLE, Allowed),
        ("AmazonDynamoDBReadOnlyAccess", "dynamodb:PartiQLSelect", TABLE, Allowed),
        ("AmazonDynamoDBReadOnlyAccess", "dynamodb:PutItem", TABLE, Denied),
        # It lists streams and describes them, but reads no record.
        ("AmazonDynamoDBReadOnlyAccess", "dynamodb:GetRecords", STREAM, Denied),
        ("AmazonDynamoDBFullAccess", "dynamodb:PutItem", TABLE, Allowed),
        ("AmazonDynamoDBFullAccess", "sns:Publish", "arn:aws:sns:a:1:t", Denied),
        ("AmazonDynamoDBFullAccess", "iam:PassRole", "*", AllowedOnlyIf),
        ("AmazonDynamoDBFullAccess_v2", "dynamodb:PutItem", TABLE, Allowed),
        ("AdministratorAccess", "sqs:SendMessage", "arn:aws:sqs:a:1:q", Allowed),
    ],
)
def test_what_aws_policies_allow(name: str, action: str, resource: str, expected: type) -> None:
    assert isinstance(evaluate(action, resource, [managed_policy(f"arn:aws:iam::aws:policy/{name}")]), expected)


def test_a_policy_of_the_account_is_not_that_of_aws() -> None:
    assert managed_policy("arn:aws:iam::111122223333:policy/AdministratorAccess").unexamined
    assert managed_policy("AdministratorAccess").unexamined is None


@pytest.mark.parametrize(
    ("name", "action", "resource", "expected"),
    [
        ("DynamoDBCrudPolicy", "dynamodb:Query", f"{TABLE}/index/i", Allowed),
        ("DynamoDBCrudPolicy", "dynamodb:ConditionCheckItem", TABLE, Allowed),
        ("DynamoDBCrudPolicy", "dynamodb:PartiQLSelect", TABLE, Denied),
        ("DynamoDBCrudPolicy", "dynamodb:GetItem", TABLE + "2", Denied),
        ("DynamoDBReadPolicy", "dynamodb:PutItem", TABLE, Denied),
        ("DynamoDBWritePolicy", "dynamodb:UpdateItem", TABLE, Allowed),
        ("DynamoDBWritePolicy", "dynamodb:DeleteItem", TABLE, Denied),
        ("DynamoDBStreamReadPolicy", "dynamodb:ListStreams", STREAM, Allowed),
        # StreamName was not given.
        ("DynamoDBStreamReadPolicy", "dynamodb:GetRecords", STREAM, AllowedOnlyIf),
    ],
)
def test_what_sam_templates_allow(name: str, action: str, resource: str, expected: type) -> None:
    granted = sam_policy(name, {"TableName": "messages"}, ME, where="template.yaml")
    assert isinstance(evaluate(action, resource, [granted]), expected)
