"""Queue, topic and bucket: what each is sent."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from harness.streams.destination.base import DestinationFailed
from harness.streams.destination.s3 import BucketDestination
from harness.streams.destination.sns import LIMIT, TopicDestination
from harness.streams.destination.sqs import QueueDestination
from tests.unit.streams.destination.shapes import BUCKET, QUEUE, SHARD, TOPIC, UUID, FakeClient

RECORD = {
    "version": "1.0",
    "timestamp": "2019-11-14T00:13:49.717Z",
    "DDBStreamBatchInfo": {"shardId": SHARD},
    "é": "é",
}
EVENT = {"Records": [{"eventID": "1", "dynamodb": {"Keys": {"pk": {"S": 'quote " and é'}}}}]}


def test_t23_message_of_a_queue_is_the_record() -> None:
    client = FakeClient()
    QueueDestination(client=client, arn=QUEUE).send(RECORD, event=EVENT)
    asked, sent = client.calls
    assert asked == ("get_queue_url", {"QueueName": "failed"})
    assert sent[0] == "send_message"
    assert sent[1]["QueueUrl"] == "http://q/failed"
    assert json.loads(sent[1]["MessageBody"]) == RECORD
    assert set(sent[1]) == {"QueueUrl", "MessageBody"}


def test_message_of_a_topic_is_the_record() -> None:
    client = FakeClient()
    TopicDestination(client=client, arn=TOPIC).send(RECORD, event=EVENT)
    ((name, parameters),) = client.calls
    assert name == "publish"
    assert parameters["TopicArn"] == TOPIC
    assert json.loads(parameters["Message"]) == RECORD
    assert set(parameters) == {"TopicArn", "Message"}


def test_topic_takes_256_kilobytes_and_not_a_byte_more() -> None:
    client = FakeClient()
    destination = TopicDestination(client=client, arn=TOPIC)
    text = "é" * ((LIMIT - len('{"text":""}')) // 2) + "!"
    destination.send({"text": text}, event=None)
    assert len(client.calls[0][1]["Message"].encode()) == LIMIT
    with pytest.raises(DestinationFailed, match=r"may have 262144 bytes, the failure record has 262145"):
        destination.send({"text": text + "!"}, event=None)
    assert len(client.calls) == 1


def test_t31_object_of_a_bucket_has_the_event_as_text_in_text() -> None:
    client = FakeClient()
    new_id = uuid5(NAMESPACE_URL, "one")
    destination = BucketDestination(client=client, arn=BUCKET, mapping_uuid=UUID, new_id=lambda: new_id)
    destination.send(RECORD, event=EVENT)
    ((name, parameters),) = client.calls
    assert (name, parameters["Bucket"]) == ("put_object", "failed")
    assert parameters["Key"] == f"aws/lambda/{UUID}/{SHARD}/2019/11/14/2019-11-14T00.13.49-{new_id}"
    body = json.loads(parameters["Body"])
    assert isinstance(body["payload"], str)
    assert json.loads(body.pop("payload")) == EVENT
    assert body == RECORD


def test_objects_have_keys_of_their_own() -> None:
    client = FakeClient()
    destination = BucketDestination(client=client, arn=BUCKET, mapping_uuid=UUID)
    destination.send(RECORD, event=EVENT)
    destination.send(RECORD, event=EVENT)
    assert len({parameters["Key"] for _, parameters in client.calls}) == 2


@pytest.mark.parametrize(
    ("destination", "named"),
    [
        (QueueDestination(client=FakeClient(refusal="no such queue"), arn=QUEUE), f"queue {QUEUE}"),
        (TopicDestination(client=FakeClient(refusal="no such topic"), arn=TOPIC), f"topic {TOPIC}"),
        (
            BucketDestination(client=FakeClient(refusal="no such bucket"), arn=BUCKET, mapping_uuid=UUID),
            f"bucket {BUCKET}",
        ),
    ],
)
def test_refusal_names_the_destination_and_the_reason(destination: Any, named: str) -> None:
    assert destination.describe == named
    with pytest.raises(DestinationFailed, match=f"^{named} did not take the failure record: no such"):
        destination.send(RECORD, event=None)
