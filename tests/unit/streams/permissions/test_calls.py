from __future__ import annotations

from typing import Any

import pytest

from harness.streams.permissions.calls import required, required_by
from tests.unit.streams.permissions.given import ACCOUNT, ME, REGION, STREAM, TABLE, call, put


def pairs(service: str, operation: str, **parameters: Any) -> list[tuple[str, str]]:
    return [(need.action, need.resource) for need in required(call(service, operation, **parameters), ME)]


@pytest.mark.parametrize(
    "operation",
    [
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "CreateTable",
        "DescribeTable",
        "UpdateTimeToLive",
    ],
)
def test_single_calls_need_their_own_name_on_the_table(operation: str) -> None:
    assert pairs("dynamodb", operation, TableName="messages") == [(f"dynamodb:{operation}", TABLE)]


@pytest.mark.parametrize("operation", ["Query", "Scan"])
def test_an_index_is_a_resource_of_its_own(operation: str) -> None:
    assert pairs("dynamodb", operation, TableName="messages", IndexName="by-user") == [
        (f"dynamodb:{operation}", f"{TABLE}/index/by-user")
    ]


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_batches_need_one_action_on_each_table(operation: str) -> None:
    found = pairs("dynamodb", operation, RequestItems={"messages": [], "users": []})
    assert found == [(f"dynamodb:{operation}", TABLE), (f"dynamodb:{operation}", TABLE.replace("messages", "users"))]


def test_transactions_have_no_action_of_their_own() -> None:
    parts = [{kind: {"TableName": "messages"}} for kind in ("Put", "Update", "Delete", "ConditionCheck")]
    assert [action for action, _ in pairs("dynamodb", "TransactWriteItems", TransactItems=parts)] == [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ]
    assert pairs("dynamodb", "TransactGetItems", TransactItems=[{"Get": {"TableName": "messages"}}]) == [
        ("dynamodb:GetItem", TABLE)
    ]


def test_partiql_needs_the_action_of_each_statement() -> None:
    select = 'SELECT * FROM "messages"."by-user" WHERE u=?'
    assert pairs("dynamodb", "ExecuteStatement", Statement=select) == [
        ("dynamodb:PartiQLSelect", f"{TABLE}/index/by-user")
    ]
    both = [{"Statement": 'UPDATE "messages" SET a=1'}, {"Statement": 'DELETE FROM "messages"'}]
    expected = [("dynamodb:PartiQLUpdate", TABLE), ("dynamodb:PartiQLDelete", TABLE)]
    assert pairs("dynamodb", "BatchExecuteStatement", Statements=both) == expected
    assert pairs("dynamodb", "ExecuteTransaction", TransactStatements=both) == expected


def test_a_table_named_by_arn_stays_where_it_is() -> None:
    other = "arn:aws:dynamodb:us-east-2:999999999999:table/elsewhere"
    assert pairs("dynamodb", "GetItem", TableName=other) == [("dynamodb:GetItem", other)]


def test_a_local_engines_placeholders_become_the_identitys_place() -> None:
    local = "arn:aws:dynamodb:ddblocal:000000000000:table/messages"
    assert pairs("dynamodb", "GetItem", TableName=local) == [("dynamodb:GetItem", TABLE)]


def test_the_region_is_the_one_that_the_call_named() -> None:
    [need] = required(call("dynamodb", "PutItem", region="ca-central-1", TableName="messages"), ME)
    assert need.resource == f"arn:aws:dynamodb:ca-central-1:{ACCOUNT}:table/messages"


def test_streams_calls_are_on_the_stream_and_granted_for_every_label() -> None:
    for operation, parameters in [
        ("DescribeStream", {"StreamArn": STREAM}),
        ("GetShardIterator", {"StreamArn": STREAM}),
        ("GetRecords", {"ShardIterator": f"{STREAM}|1|AAAA"}),
    ]:
        [need] = required(call("dynamodbstreams", operation, **parameters), ME)
        assert (need.action, need.resource) == (f"dynamodb:{operation}", STREAM)
        assert need.granted == f"{TABLE}/stream/*"


def test_list_calls_are_bound_to_nothing() -> None:
    assert pairs("dynamodb", "ListTables") == [("dynamodb:ListTables", "*")]
    assert pairs("dynamodbstreams", "ListStreams") == [("dynamodb:ListStreams", "*")]
    assert pairs("dynamodbstreams", "ListStreams", TableName="messages") == [
        ("dynamodb:ListStreams", f"{TABLE}/stream/*")
    ]


QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": QUEUE_URL},
            [("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs")],
        ),
        (
            "sqs",
            "SendMessage",
            {"QueueUrl": "http://127.0.0.1:4566/000000000000/jobs"},
            [("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs")],
        ),
        ("sns", "PublishBatch", {"TopicArn": "arn:aws:sns:a:1:t"}, [("sns:Publish", "arn:aws:sns:a:1:t")]),
        ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
        ("s3", "ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        (
            "s3",
            "GetObject",
            {"Bucket": "b", "Key": "k", "VersionId": "1"},
            [("s3:GetObjectVersion", "arn:aws:s3:::b/k")],
        ),
        (
            "s3",
            "CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "from/some/key"},
            [("s3:GetObject", "arn:aws:s3:::from/some/key"), ("s3:PutObject", "arn:aws:s3:::b/k")],
        ),
        (
            "s3",
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y", "VersionId": "1"}]}},
            [("s3:DeleteObject", "arn:aws:s3:::b/x"), ("s3:DeleteObjectVersion", "arn:aws:s3:::b/y")],
        ),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f"},
            [("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f")],
        ),
        (
            "ssm",
            "GetParameter",
            {"Name": "/db/url"},
            [("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/db/url")],
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            {"SecretId": "db"},
            [("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-??????")],
        ),
        (
            "events",
            "PutEvents",
            {"Entries": [{}]},
            [("events:PutEvents", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default")],
        ),
        ("cloudwatch", "PutMetricData", {"Namespace": "n"}, [("cloudwatch:PutMetricData", "*")]),
        (
            "cognito-idp",
            "AdminGetUser",
            {"UserPoolId": "p_1"},
            [("cognito-idp:AdminGetUser", f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/p_1")],
        ),
        (
            "stepfunctions",
            "StartExecution",
            {"stateMachineArn": "arn:aws:states:x"},
            [("states:StartExecution", "arn:aws:states:x")],
        ),
        ("sts", "GetCallerIdentity", {}, []),
        ("cognito-idp", "InitiateAuth", {"ClientId": "c"}, []),
        ("polly", "SynthesizeSpeech", {"Text": "hello"}, [("polly:SynthesizeSpeech", "*")]),
    ],
)
def test_calls_of_other_services(
    service: str, operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert pairs(service, operation, **parameters) == expected


@pytest.mark.parametrize(
    ("service", "operation", "verified"),
    [("dynamodb", "PutItem", True), ("dynamodb", "SearchVectors", False), ("polly", "SynthesizeSpeech", False)],
)
def test_what_could_not_be_verified_is_marked(service: str, operation: str, verified: bool) -> None:  # noqa: FBT001
    [need] = required(call(service, operation, TableName="messages"), ME)
    assert need.verified is verified


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("dynamodb", "PutItem", {}),
        ("dynamodb", "PutItem", {"TableName": 3}),
        ("dynamodb", "TransactWriteItems", {"TransactItems": ["x", {"Put": 1}]}),
        ("dynamodb", "BatchGetItem", {"RequestItems": None}),
        ("dynamodb", "ExecuteStatement", {"Statement": 1}),
    ],
)
def test_a_call_that_fails_before_it_is_authorised_needs_nothing(
    service: str, operation: str, parameters: dict[str, Any]
) -> None:
    assert pairs(service, operation, **parameters) == []


def test_many_calls_need_each_thing_once() -> None:
    found = required_by([put(), put("users"), put()], ME)
    assert [need.resource for need in found] == [TABLE, TABLE.replace("messages", "users")]
