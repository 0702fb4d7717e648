"""Calls, an identity and needs that the tests of permissions share."""

from __future__ import annotations

from typing import Any

from harness.streams.invocation import AwsCall
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.permissions.needs import trigger_needs
from harness.streams.permissions.permission import Identity
from harness.streams.permissions.policy import Policy, parse_policy

REGION, ACCOUNT = "eu-west-1", "111122223333"
ME = Identity(region=REGION, account=ACCOUNT, role="messages-role", function="messages-stream")
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/messages"
STREAM = f"{TABLE}/stream/2026-01-02T03:04:05.678"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:discarded"


def call(service: str, operation: str, region: str = REGION, **parameters: Any) -> AwsCall:
    return AwsCall(service=service, operation=operation, parameters=parameters, region=region)


def put(table: str = "messages") -> AwsCall:
    return call("dynamodb", "PutItem", TableName=table, Item={"pk": {"S": "1"}})


def mapping(on_failure: str | None = None) -> EventSourceMapping:
    return EventSourceMapping(
        uuid="8f2c",
        event_source_arn=STREAM,
        function_name="messages-stream",
        starting_position="LATEST",
        on_failure=on_failure,
    )


def needs(on_failure: str | None = None) -> tuple[Any, ...]:
    return trigger_needs(mapping(on_failure), STREAM, "messages-stream")


def allow(actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources} | more


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> Policy:
    return parse_policy({"Version": version, "Statement": list(statements)}, name="inline", where="inline")


STREAM_ACTIONS = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
LOGS = allow("logs:*")
READING = allow(STREAM_ACTIONS, f"{TABLE}/stream/*")
