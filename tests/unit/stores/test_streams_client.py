"""What boto3, and our own wire, say of DynamoDB Streams, in the four words that the reader knows."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber

from harness.endpoint import DynamoDBEndpoint
from harness.stores.clients import make_client
from harness.stores.dynamodb_wire import ServiceError, Wire
from harness.stores.dynamodb_wire import Unreachable as WireUnreachable
from harness.stores.streams_api import ExpiredIterator, StreamGone, TrimmedData, Unreachable
from harness.stores.streams_client import StreamsClient
from harness.stores.streams_wire import StreamsWire

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDPOINT = DynamoDBEndpoint(url="http://127.0.0.1:1")
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-11-22T01:51:58.702"
REFUSALS = [
    ("ExpiredIteratorException", "", 400, ExpiredIterator),
    ("TrimmedDataAccessException", "past the oldest stream record", 400, TrimmedData),
    ("ResourceNotFoundException", "Requested resource not found: Stream: x not found", 400, StreamGone),
    ("ResourceNotFoundException", "Invalid ShardId in ShardIterator", 400, StreamGone),
    ("ValidationException", "Invalid ShardId in ShardIterator", 400, StreamGone),
    ("InternalServerError", "", 500, Unreachable),
    ("InternalFailure", "", 503, Unreachable),
    ("LimitExceededException", "", 400, Unreachable),
    ("ValidationException", "Limit should be less than or equal to 1000", 400, None),
]


@pytest.fixture
def stubbed() -> Iterator[tuple[StreamsClient, Stubber]]:
    with closing(make_client(ENDPOINT, "dynamodbstreams")) as client, Stubber(client) as stubber:
        yield StreamsClient(client), stubber


@pytest.mark.parametrize(("code", "message", "status", "error"), REFUSALS)
def test_refusals_of_boto3_are_translated(
    stubbed: tuple[StreamsClient, Stubber], code: str, message: str, status: int, error: type[Exception] | None
) -> None:
    client, stubber = stubbed
    stubber.add_client_error("get_records", code, message, status)
    with pytest.raises(error or ClientError) as told:
        client.get_records(ShardIterator="x", Limit=1)
    assert isinstance(told.value if error is None else told.value.__cause__, ClientError)


@pytest.mark.parametrize(("code", "message", "status", "error"), REFUSALS)
def test_refusals_on_the_wire_are_translated(
    monkeypatch: pytest.MonkeyPatch, code: str, message: str, status: int, error: type[Exception] | None
) -> None:
    def refuse(_: Wire, operation: str, _body: bytes) -> dict[str, Any]:
        raise ServiceError(operation, code, message, status)

    monkeypatch.setattr(Wire, "call_once", refuse)
    with pytest.raises(error or ServiceError):
        StreamsWire(ENDPOINT).get_records(ShardIterator="x", Limit=1)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="u"),
        ReadTimeoutError(endpoint_url="u"),
        ConnectTimeoutError(endpoint_url="u"),
        ConnectionClosedError(endpoint_url="u"),
        ResponseParserError("no JSON"),
    ],
)
def test_engine_that_does_not_answer_boto3_is_unreachable(error: Exception) -> None:
    class Dead:
        def describe_stream(self, **_: Any) -> None:
            raise error

    with pytest.raises(Unreachable):
        StreamsClient(Dead()).describe_stream(StreamArn="x")


def test_what_the_caller_got_wrong_stays_as_it_is() -> None:
    with closing(make_client(ENDPOINT, "dynamodbstreams")) as client, pytest.raises(ParamValidationError):
        StreamsClient(client).get_records(Limit="x")


def test_answers_of_boto3_are_handed_on(stubbed: tuple[StreamsClient, Stubber]) -> None:
    client, stubber = stubbed
    given = {"StreamArn": ARN, "ShardId": "shardId-1".ljust(28, "0"), "ShardIteratorType": "LATEST"}
    stubber.add_response("get_shard_iterator", {"ShardIterator": "i"}, given)
    stubber.add_response("describe_stream", {"StreamDescription": {"StreamStatus": "ENABLED"}}, {"StreamArn": ARN})
    assert client.get_shard_iterator(**given)["ShardIterator"] == "i"
    assert client.describe_stream(StreamArn=ARN)["StreamDescription"] == {"StreamStatus": "ENABLED"}


def test_nobody_there_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def dead(_: Wire, operation: str, _body: bytes) -> dict[str, Any]:
        calls.append(operation)
        raise WireUnreachable("Connection refused")

    monkeypatch.setattr(Wire, "call_once", dead)
    wire = StreamsWire(ENDPOINT)
    for call in (wire.describe_stream, wire.get_shard_iterator, wire.get_records):
        with pytest.raises(Unreachable, match="Connection refused"):
            call()
    assert calls == ["DescribeStream", "GetShardIterator", "GetRecords"], "once each: the poller backs off, not we"


def test_wire_asks_as_boto3_does_and_answers_in_its_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = base64.b64encode(b"\x00\xff").decode()
    item = {"b": {"B": raw}, "bs": {"BS": [raw]}, "m": {"M": {"l": {"L": [{"B": raw}, {"N": "1"}]}}}, "s": {"S": raw}}
    bytes_item = {
        "b": {"B": b"\x00\xff"}, "bs": {"BS": [b"\x00\xff"]},
        "m": {"M": {"l": {"L": [{"B": b"\x00\xff"}, {"N": "1"}]}}}, "s": {"S": raw},
    }  # fmt: skip
    change = {"ApproximateCreationDateTime": 1795312440.0, "Keys": item, "NewImage": item, "OldImage": item}
    asked: list[tuple[str, Any]] = []

    def answer(_: Wire, operation: str, body: bytes) -> dict[str, Any]:
        asked.append((operation, json.loads(body)))
        return {"Records": [{"eventName": "MODIFY", "dynamodb": dict(change)}], "NextShardIterator": "n"}

    monkeypatch.setattr(Wire, "call_once", answer)
    answered = StreamsWire(ENDPOINT).get_records(ShardIterator="i", Limit=3)
    assert asked == [("GetRecords", {"ShardIterator": "i", "Limit": 3})]
    assert answered["NextShardIterator"] == "n"
    assert answered["Records"][0]["dynamodb"] == {
        "ApproximateCreationDateTime": datetime.fromtimestamp(1795312440, UTC),
        "Keys": bytes_item,
        "NewImage": bytes_item,
        "OldImage": bytes_item,
    }
