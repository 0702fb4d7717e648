from __future__ import annotations

import pytest

from harness.streams.permissions.needs import trigger_needs
from tests.unit.streams.permissions.given import ACCOUNT, QUEUE, REGION, STREAM, TABLE, mapping, needs


def test_the_four_stream_actions_on_the_stream_for_every_label() -> None:
    found = [need for need in needs() if need.service == "dynamodb"]
    assert [need.action.removeprefix("dynamodb:") for need in found] == [
        "DescribeStream",
        "GetRecords",
        "GetShardIterator",
        "ListStreams",
    ]
    assert {need.resource for need in found} == {STREAM}
    assert {need.granted for need in found} == {f"{TABLE}/stream/*"}


@pytest.mark.parametrize(
    "name", ["f", "f:live", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f:live", f"{ACCOUNT}:function:f"]
)
def test_the_log_is_that_of_the_bare_function_name(name: str) -> None:
    granted = {need.granted for need in trigger_needs(mapping(), STREAM, name) if need.service == "logs"}
    assert granted == {f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/f:*"}


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        (None, []),
        (QUEUE, [("sqs:SendMessage", QUEUE)]),
        ("arn:aws:sns:eu-west-1:1:t", [("sns:Publish", "arn:aws:sns:eu-west-1:1:t")]),
        ("arn:aws:s3:::b", [("s3:ListBucket", "arn:aws:s3:::b"), ("s3:PutObject", "arn:aws:s3:::b/aws/lambda/*")]),
    ],
)
def test_the_destination(destination: str | None, expected: list[tuple[str, str]]) -> None:
    found = [(need.action, need.resource) for need in needs(destination) if need.service not in {"dynamodb", "logs"}]
    assert found == expected
