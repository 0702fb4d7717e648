"""Failure records on real queues, topics and buckets, and the way back from them to the records."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from harness.engines.ports import free_port
from harness.stores.clients import make_client
from harness.stores.destinations import CallFailed, DestinationClient, make_destination_client
from harness.streams.delivery.decision import Discard
from harness.streams.destination.base import DestinationFailed
from harness.streams.destination.failure_record import discarded_event, failure_record
from harness.streams.destination.registry import open_destination
from harness.streams.event import Source, to_lambda_record
from harness.streams.invocation import Invocation
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.endpoint import Endpoints
    from harness.streams.destination.base import Destination

REGION = "eu-west-1"
FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:mover"
STREAM = f"arn:aws:dynamodb:{REGION}:123456789012:table/T/stream/2026-01-02T03:04:05.678"
MAPPING = str(uuid4())
_NUMBERS = count(779_000_000_001)


class Services:
    """Queue, topic and bucket on the embedded engine, each made on demand and removed at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqs, self.sns, self.s3 = (self._client(service) for service in ("sqs", "sns", "s3"))
        self._cleaning: list[Any] = []

    def queue(self, name: str) -> tuple[str, str]:
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self._cleaning.append(lambda: self.sqs.delete_queue(QueueUrl=url))
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, attributes["QueueArn"]

    def topic(self, name: str) -> str:
        arn: str = self.sns.create_topic(Name=name)["TopicArn"]
        self._cleaning.append(lambda: self.sns.delete_topic(TopicArn=arn))
        return arn

    def bucket(self, name: str) -> str:
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self._cleaning.append(lambda: self._remove(name))
        return f"arn:aws:s3:::{name}"

    def bodies(self, queue_url: str) -> list[str]:
        answer = self.sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        return [message["Body"] for message in answer.get("Messages", [])]

    def clean(self) -> None:
        for step in reversed(self._cleaning):
            step()
        for client in (self.sqs, self.sns, self.s3):
            client.close()

    def _client(self, service: Any) -> DestinationClient:
        return make_destination_client(service, self.url, region=REGION)

    def _remove(self, bucket: str) -> None:
        for found in self.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            self.s3.delete_object(Bucket=bucket, Key=found["Key"])
        self.s3.delete_bucket(Bucket=bucket)


@pytest.fixture
def services(embedded_pair: Endpoints) -> Iterator[Services]:
    made = Services(embedded_pair.dynamodb.url)
    yield made
    made.clean()


def destination(arn: str, url: str, tmp_path: Path) -> Destination:
    mapping = EventSourceMapping(
        uuid=MAPPING,
        event_source_arn=STREAM,
        function_name="mover",
        starting_position="TRIM_HORIZON",
        on_failure=arn,
    )
    endpoints = dict.fromkeys(("sqs", "sns", "s3"), url)
    opened = open_destination(mapping, endpoints=endpoints, file=tmp_path / "failed.jsonl")
    assert opened is not None
    return opened


def discard_of(*records: Record) -> Discard:
    invocation = Invocation(lane=0, shard_id=records[0].shard_id, records=records, attempt=2)
    return Discard(
        lane=0,
        shard_id=records[0].shard_id,
        records=records,
        condition="RetryAttemptsExhausted",
        invokes=2,
        request_id="r-2",
        function_error="Unhandled",
        invocation=invocation,
    )


def told(discard: Discard, stream_arn: str = STREAM) -> dict[str, Any]:
    return failure_record(
        discard, function_arn=FUNCTION, function_version="$LATEST", stream_arn=stream_arn, now=1573690429.717
    )


@pytest.fixture
def discard() -> Discard:
    change = {
        "ApproximateCreationDateTime": 1573690399.0,
        "Keys": {"pk": {"S": 'Zoë \u2028 "quoted" <&>'}},
        "SequenceNumber": "800000000003126276362",
    }
    return discard_of(Record.of("shardId-00000001573689847184-864758bb", {"eventID": "1", "dynamodb": change}))


def test_t23_queue_gets_the_record_and_nothing_else(services: Services, discard: Discard, tmp_path: Path) -> None:
    url, arn = services.queue("t23-failed")
    record = told(discard)
    destination(arn, services.url, tmp_path).send(record, event=discarded_event(discard, stream_arn=STREAM))
    (body,) = services.bodies(url)
    assert json.loads(body) == record


def test_topic_passes_the_record_on(services: Services, discard: Discard, tmp_path: Path) -> None:
    url, queue = services.queue("t23-subscribed")
    topic = services.topic("t23-failed")
    services.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    record = told(discard)
    destination(topic, services.url, tmp_path).send(record, event=discarded_event(discard, stream_arn=STREAM))
    (body,) = services.bodies(url)
    notification = json.loads(body)
    assert notification["TopicArn"] == topic
    assert json.loads(notification["Message"]) == record


def test_t31_bucket_gets_the_event_too(services: Services, discard: Discard, tmp_path: Path) -> None:
    arn = services.bucket("t31-failed")
    record, event = told(discard), discarded_event(discard, stream_arn=STREAM)
    destination(arn, services.url, tmp_path).send(record, event=event)
    (found,) = services.s3.list_objects_v2(Bucket="t31-failed")["Contents"]
    prefix = f"aws/lambda/{MAPPING}/{discard.shard_id}/2019/11/14/2019-11-14T00.13.49-"
    assert found["Key"].startswith(prefix)
    assert UUID(found["Key"].removeprefix(prefix)).version == 4
    body = json.loads(services.s3.get_object(Bucket="t31-failed", Key=found["Key"])["Body"].read())
    assert json.loads(body.pop("payload"))["Records"] == event["Records"]
    assert body == record


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:sqs:{REGION}:000000000000:missing",
        f"arn:aws:sns:{REGION}:000000000000:missing",
        "arn:aws:s3:::missing-bucket",
    ],
)
def test_missing_destination_fails(services: Services, discard: Discard, tmp_path: Path, arn: str) -> None:
    with pytest.raises(DestinationFailed, match=rf"{re.escape(arn)} did not take the failure record: .+"):
        destination(arn, services.url, tmp_path).send(told(discard), event=None)


def test_queue_that_is_made_late_fails_until_it_is_there(services: Services, discard: Discard, tmp_path: Path) -> None:
    opened = destination(f"arn:aws:sqs:{REGION}:000000000000:t23-late", services.url, tmp_path)
    with pytest.raises(DestinationFailed):
        opened.send(told(discard), event=None)
    url, _ = services.queue("t23-late")
    opened.send(told(discard), event=None)
    assert len(services.bodies(url)) == 1


def test_service_that_does_not_answer_fails(discard: Discard, tmp_path: Path) -> None:
    arn = f"arn:aws:sqs:{REGION}:000000000000:nobody"
    opened = destination(arn, f"http://127.0.0.1:{free_port()}", tmp_path)
    with pytest.raises(DestinationFailed, match="Could not connect"):
        opened.send(told(discard), event=None)


def test_credentials_in_the_url_choose_the_account(services: Services, discard: Discard, tmp_path: Path) -> None:
    account = str(next(_NUMBERS))
    url = services.url.replace("://", f"://{account}:secret@")
    theirs = make_destination_client("sqs", url, region=REGION)
    queue = theirs.create_queue(QueueName="t23-theirs")["QueueUrl"]
    try:
        destination(f"arn:aws:sqs:{REGION}:{account}:t23-theirs", url, tmp_path).send(told(discard), event=None)
        assert len(theirs.receive_message(QueueUrl=queue)["Messages"]) == 1
        with pytest.raises(CallFailed):
            services.sqs.get_queue_url(QueueName="t23-theirs")
    finally:
        theirs.delete_queue(QueueUrl=queue)


@pytest.fixture
def stream(engine_pair: Endpoints) -> Iterator[tuple[Any, str]]:
    """A stream with three records."""
    endpoint = replace(engine_pair.dynamodb, access_key_id=str(next(_NUMBERS)))
    with closing(make_client(endpoint)) as dynamodb, closing(make_client(endpoint, "dynamodbstreams")) as streams:
        table = dynamodb.create_table(
            TableName="given-up",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]
        for name in ("before", "poison", "after"):
            dynamodb.put_item(TableName="given-up", Item={"pk": {"S": name}})
        yield streams, table["LatestStreamArn"]
        dynamodb.delete_table(TableName="given-up")


def from_the_horizon(streams: Any, arn: str) -> list[Record]:
    """Read the records as the trigger does."""
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    source = Source(arn=arn, region=REGION)
    return [
        Record.of(
            shard["ShardId"],
            to_lambda_record(record, source, seen_at=record["dynamodb"]["ApproximateCreationDateTime"]),
        )
        for record in records
    ]


def test_t32_consumer_finds_the_records_by_the_failure_record(stream: tuple[Any, str], tmp_path: Path) -> None:
    streams, engine_arn = stream
    poison = from_the_horizon(streams, engine_arn)[1]
    shown_arn = Source(arn=engine_arn, region=REGION).shown_arn
    discard = discard_of(poison)
    path = tmp_path / "failed.jsonl"
    # No service answers for this queue: the file stands in.
    mapping = EventSourceMapping(
        uuid=MAPPING,
        event_source_arn=shown_arn,
        function_name="mover",
        starting_position="TRIM_HORIZON",
        on_failure=f"arn:aws:sqs:{REGION}:123456789012:failed",
    )
    opened = open_destination(mapping, endpoints={}, file=path)
    assert opened is not None
    opened.send(told(discard, shown_arn), event=None)

    batch = json.loads(path.read_text(encoding="utf-8"))["record"]["DDBStreamBatchInfo"]
    assert batch["streamArn"] == shown_arn
    iterator = streams.get_shard_iterator(
        # DynamoDB Local knows a stream only by the ARN that it gave it.
        StreamArn=engine_arn,
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"],
    )["ShardIterator"]
    found = streams.get_records(ShardIterator=iterator, Limit=batch["batchSize"])["Records"]
    assert [record["dynamodb"]["Keys"] for record in found] == [{"pk": {"S": "poison"}}]
    assert found[-1]["dynamodb"]["SequenceNumber"] == batch["endSequenceNumber"]
