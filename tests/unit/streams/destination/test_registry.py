"""Which destination a mapping gets, and what it can't name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.stores.destinations import make_destination_client
from harness.streams.destination.json_lines import JsonLinesDestination
from harness.streams.destination.registry import open_destination
from harness.streams.destination.s3 import BucketDestination
from harness.streams.destination.sns import TopicDestination
from harness.streams.destination.sqs import QueueDestination
from tests.unit.streams.destination.shapes import BUCKET, QUEUE, TOPIC, UUID, a_mapping

FILE = Path("failed.jsonl")
ENDPOINTS = {"sqs": "http://127.0.0.1:1", "sns": "http://127.0.0.1:2", "s3": "http://127.0.0.1:3"}


def connect(service: str, url: str, **options: Any) -> Any:
    return service, url, options


def opened(arn: str | None, endpoints: dict[str, str] | None = None, **options: Any) -> Any:
    endpoints = ENDPOINTS if endpoints is None else endpoints
    return open_destination(a_mapping(arn), endpoints=endpoints, file=FILE, connect=connect, **options)


def test_mapping_without_a_destination_has_none() -> None:
    assert opened(None) is None


@pytest.mark.parametrize(
    ("arn", "kind", "service", "region"),
    [
        (QUEUE, QueueDestination, "sqs", "eu-west-1"),
        (TOPIC.replace("eu-west-1", "us-east-2"), TopicDestination, "sns", "us-east-2"),
        (BUCKET, BucketDestination, "s3", "eu-west-1"),
        ("arn:aws-cn:s3:::my.own-bucket", BucketDestination, "s3", "eu-west-1"),
    ],
)
def test_service_that_answers_somewhere_is_used(arn: str, kind: Any, service: str, region: str) -> None:
    destination = opened(arn, allow_remote=True)
    assert type(destination) is kind
    assert destination.arn == arn
    assert destination.client == (service, ENDPOINTS[service], {"region": region, "allow_remote": True})


def test_bucket_knows_its_mapping() -> None:
    assert opened(BUCKET).mapping_uuid == UUID


@pytest.mark.parametrize(("arn", "carries_event"), [(QUEUE, False), (TOPIC, False), (BUCKET, True)])
def test_without_an_endpoint_the_file_stands_in(arn: str, *, carries_event: bool) -> None:
    assert opened(arn, {}) == JsonLinesDestination(path=FILE, arn=arn, carries_event=carries_event)


@pytest.mark.parametrize("arn", [f"{QUEUE}.fifo", f"{TOPIC}.fifo"])
def test_fifo_is_refused(arn: str) -> None:
    with pytest.raises(UsageError, match=r"failed\.fifo' is a FIFO queue or topic") as refused:
        opened(arn)
    assert "standard SQS queue" in refused.value.hint


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "failed",
        "http://127.0.0.1:4566/000000000000/failed",
        "arn:aws:sqs:eu-west-1:123456789012:",
        "arn:aws:sqs:eu-west-1:1234:failed",
        f"{QUEUE}\n",
        f"{TOPIC}:6d3f3a5e-0b0f-4d8f-a1c5-1f4c4f8f0d5e",
        "arn:aws:s3:::failed/folder",
        "arn:aws:s3:::UPPER",
        "arn:aws:s3:eu-west-1:123456789012:accesspoint/a",
        "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "arn:aws:events:eu-west-1:123456789012:event-bus/b",
        "kafka://topic",
    ],
)
def test_what_is_no_destination_is_refused_with_what_is(arn: str) -> None:
    with pytest.raises(UsageError, match="is not what a mapping of a DynamoDB stream takes") as refused:
        opened(arn, {})
    assert all(word in refused.value.hint for word in ("SQS queue", "SNS topic", "S3 bucket"))


def test_endpoint_of_a_service_that_is_no_destination_is_refused() -> None:
    with pytest.raises(UsageError, match="endpoint of 'lambda'") as refused:
        opened(QUEUE, {"lambda": "http://127.0.0.1:1"})
    assert refused.value.hint == "the services that have one: sqs, sns, s3"


@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.us-east-1.amazonaws.com",
        "http://10.0.0.7:4566",
        "http://127.0.0.1.example.org:4566",
        "http://127.0.0.1:4566@example.org",
        "http://localhost.localstack.cloud:4566",
    ],
)
def test_nothing_leaves_this_machine_unasked(url: str) -> None:
    with pytest.raises(UsageError, match="is not on this machine") as refused:
        make_destination_client("sqs", url, region="us-east-1")
    assert "allow remote" in refused.value.hint


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:4566", "ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1:x"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not a service's URL"):
        make_destination_client("s3", url, region="us-east-1")


def test_password_in_a_url_is_not_shown() -> None:
    with pytest.raises(UsageError) as refused:
        make_destination_client("s3", "http://key:hunter2@10.0.0.7:9000", region="us-east-1")
    assert "hunter2" not in refused.value.message
    assert "10.0.0.7:9000" in refused.value.message
