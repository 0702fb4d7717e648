from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.streams.permissions.check import check
from harness.streams.permissions.least import least_policy
from harness.streams.permissions.policy import parse_policy
from tests.unit.streams.permissions.given import ME, QUEUE, TABLE, call, needs, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.streams.invocation import AwsCall

names = st.sampled_from(["messages", "users", "arn:aws:dynamodb:eu-west-1:999999999999:table/theirs"])
on_items = st.builds(
    lambda operation, table, index: call(
        "dynamodb",
        operation,
        TableName=table,
        **({"IndexName": index} if index and operation in {"Query", "Scan"} else {}),
    ),
    st.sampled_from(["GetItem", "PutItem", "Query", "Scan", "DescribeTable", "UpdateTimeToLive"]),
    names,
    st.sampled_from([None, "by-user", "by-day"]),
)
in_batches = st.builds(
    lambda operation, tables: call("dynamodb", operation, RequestItems={table: [] for table in tables}),
    st.sampled_from(["BatchGetItem", "BatchWriteItem"]),
    st.lists(names, min_size=1, max_size=3),
)
by_statement = st.builds(
    lambda text: call("dynamodb", "ExecuteStatement", Statement=text),
    st.sampled_from(
        ['SELECT * FROM "messages"', 'SELECT * FROM "messages"."by-user"', 'DELETE FROM "users"', "unreadable"]
    ),
)
elsewhere = st.sampled_from(
    [
        call("sqs", "SendMessage", QueueUrl="https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"),
        call("sqs", "SendMessage", QueueUrl="no url"),
        call("sns", "Publish", PhoneNumber="+4912345"),
        call("sns", "Publish", TopicArn="arn:aws:sns:eu-west-1:111122223333:news"),
        call("s3", "PutObject", Bucket="b", Key="one"),
        call("s3", "GetObject", Bucket="b", Key="*"),
        call("secretsmanager", "GetSecretValue", SecretId="db"),
        call("logs", "PutLogEvents", logGroupName="g", logStreamName="s"),
        call("dynamodb", "ListTables"),
        call("dynamodbstreams", "ListStreams"),
        call("dynamodbstreams", "GetRecords", ShardIterator="opaque"),
        call("kms", "Decrypt", KeyId="alias/mine"),
        call("polly", "SynthesizeSpeech", Text="hello"),
    ]
)
any_calls = st.lists(st.one_of(on_items, in_batches, by_statement, elsewhere), max_size=8)


def report(calls: list[AwsCall], document: dict[str, Any]) -> Any:
    return check(calls, needs(QUEUE), [parse_policy(document, name="least", where="least")], identity=ME)


def with_less(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every document that lacks one statement, one action or one resource of this one."""
    for number, statement in enumerate(document["Statement"]):
        without = copy.deepcopy(document)
        del without["Statement"][number]
        yield without
        for key in ("Action", "Resource"):
            for position in range(len(statement[key]) if len(statement[key]) > 1 else 0):
                less = copy.deepcopy(document)
                del less["Statement"][number][key][position]
                yield less


@settings(max_examples=60, deadline=None)
@given(calls=any_calls)
def test_the_least_policy_allows_everything_and_nothing_can_be_taken_from_it(calls: list[AwsCall]) -> None:
    document = least_policy(calls, needs(QUEUE), identity=ME).document
    whole = report(calls, document)
    assert whole.ok
    assert whole.conditional == whole.faults == ()
    assert whole.creation_error is None
    for less in with_less(document):
        assert report(calls, less).refused


@settings(max_examples=40, deadline=None)
@given(calls=any_calls, data=st.data())
def test_it_is_the_same_for_calls_in_any_order(calls: list[AwsCall], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(calls))
    first, second = (least_policy(order, needs(), identity=ME) for order in (calls, [*shuffled, *shuffled]))
    assert json.dumps(first.document) == json.dumps(second.document)
    assert first.reasons == second.reasons


def test_actions_that_share_their_resources_share_a_statement() -> None:
    calls = [put(), call("dynamodb", "GetItem", TableName="messages"), call("dynamodb", "Query", TableName="messages")]
    calls.append(call("dynamodb", "Query", TableName="messages", IndexName="by-user"))
    least = least_policy(calls, (), identity=ME)
    assert least.document == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": [TABLE]},
            {"Effect": "Allow", "Action": ["dynamodb:Query"], "Resource": [TABLE, f"{TABLE}/index/by-user"]},
        ],
    }


def test_reasons_tell_who_asked_and_what_was_not_verified() -> None:
    least = least_policy([put(), call("polly", "SynthesizeSpeech")], needs(), identity=ME)
    found = {reason.action: reason for reason in least.reasons}
    assert found["dynamodb:PutItem"].because == ("the handler calls dynamodb.PutItem",)
    assert found["dynamodb:GetRecords"].resource == f"{TABLE}/stream/*"
    assert [reason.action for reason in least.reasons if not reason.verified] == ["polly:SynthesizeSpeech"]


def test_what_a_wider_grant_covers_is_not_named_again() -> None:
    calls = [call("sns", "Publish", PhoneNumber="+49"), call("sns", "Publish", TopicArn="arn:aws:sns:eu-west-1:1:t")]
    assert least_policy(calls, (), identity=ME).document["Statement"] == [
        {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": ["*"]}
    ]
