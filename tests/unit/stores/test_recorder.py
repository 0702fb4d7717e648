"""What a recorder hears of a boto3 client, without a network."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from harness.endpoint import DynamoDBEndpoint
from harness.stores.clients import make_client
from harness.stores.recorder import Recorder

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}


class Raw:
    """A body as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        yield self._body


def client(status: int, answer: dict[str, Any] | Exception) -> tuple[Any, list[dict[str, Any]]]:
    """Return a client whose requests are answered here, and the list that they go to."""
    sent: list[dict[str, Any]] = []

    def reply(request: Any, **_: Any) -> AWSResponse:
        sent.append(json.loads(request.body))
        if isinstance(answer, Exception):
            raise answer
        return AWSResponse(request.url, status, HTTPHeaders(), Raw(json.dumps(answer).encode()))

    made = make_client(DynamoDBEndpoint(url="http://127.0.0.1:1"))
    made.meta.events.register("before-send.dynamodb", reply)
    return made, sent


def test_call_is_recorded_with_request_and_capacity() -> None:
    capacity = {"TableName": "t", "CapacityUnits": 1.5, "Table": {"CapacityUnits": 1.0}}
    dynamodb, sent = client(200, {"Items": [], "Count": 0, "ConsumedCapacity": capacity})
    recorder = Recorder()
    recorder.attach(dynamodb.meta.events)

    answer = dynamodb.query(
        TableName="t", KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": KEY["pk"]}
    )

    [call] = recorder.take()
    assert (call.operation, call.capacity, call.error) == ("Query", 1.5, None)
    assert call.request == sent[0]
    assert call.request["ReturnConsumedCapacity"] == "INDEXES"
    assert answer["ConsumedCapacity"]["CapacityUnits"] == 1.5
    assert recorder.calls == ()


def test_capacity_that_the_caller_asked_for_stays_as_asked() -> None:
    dynamodb, sent = client(200, {})
    Recorder().attach(dynamodb.meta.events)
    dynamodb.put_item(TableName="t", Item=KEY, ReturnConsumedCapacity="NONE")

    assert sent[0]["ReturnConsumedCapacity"] == "NONE"


def test_operation_without_capacity_is_not_asked_for_it() -> None:
    dynamodb, sent = client(200, {"Table": {}})
    recorder = Recorder()
    recorder.attach(dynamodb.meta.events)
    dynamodb.describe_table(TableName="t")

    assert sent == [{"TableName": "t"}]
    assert recorder.calls[0].capacity is None


def test_capacity_of_a_transaction_is_summed_over_tables() -> None:
    dynamodb, _ = client(200, {"ConsumedCapacity": [{"CapacityUnits": 4.0}, {"CapacityUnits": 2.0}]})
    recorder = Recorder()
    recorder.attach(dynamodb.meta.events)
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": KEY}}])

    assert recorder.calls[0].capacity == 6.0


def test_refused_call_is_recorded_with_its_code() -> None:
    dynamodb, _ = client(400, {"__type": "com.amazonaws.dynamodb#ConditionalCheckFailedException", "message": "no"})
    recorder = Recorder()
    recorder.attach(dynamodb.meta.events)

    with pytest.raises(ClientError):
        dynamodb.put_item(TableName="t", Item=KEY)

    assert [call.error for call in recorder.calls] == ["ConditionalCheckFailedException"]


def test_call_that_broke_off_is_recorded() -> None:
    dynamodb, _ = client(200, OSError("broken"))
    recorder = Recorder()
    recorder.attach(dynamodb.meta.events)

    with pytest.raises(OSError, match="broken"):
        dynamodb.get_item(TableName="t", Key=KEY)

    assert {(call.operation, call.error) for call in recorder.calls} == {("GetItem", "OSError")}


def test_detached_recorder_hears_nothing() -> None:
    dynamodb, sent = client(200, {})
    recorder = Recorder()
    recorder.attach(dynamodb.meta.events)
    recorder.detach(dynamodb.meta.events)
    dynamodb.put_item(TableName="t", Item=KEY)

    assert recorder.calls == ()
    assert "ReturnConsumedCapacity" not in sent[0]
