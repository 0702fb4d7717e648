"""What the trigger itself needs of the function's role, whatever the handler does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.streams.mapping.names import FunctionReference
from harness.streams.permissions.dynamodb import all_labels
from harness.streams.permissions.permission import Identity, Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.streams.mapping.model import EventSourceMapping

#: The actions that creating a mapping asks for.
STREAM_ACTIONS = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")


def function_identity(mapping: EventSourceMapping) -> Identity:
    """Return who the mapping's function is, where its stream is."""
    _, _, _, region, account, _ = mapping.event_source_arn.split(":", 5)
    function = FunctionReference.of(mapping.function_name, region=region, account=account).name
    return Identity(region=region, account=account, role=f"{function}-role", function=function)


def trigger_needs(mapping: EventSourceMapping, stream_arn: str, function_name: str) -> tuple[Permission, ...]:
    """Return the permissions for reading the stream, for the log, and for the destination if the mapping names one.

    `stream_arn` is the one that handlers see. Source: Lambda developer guide, "Process DynamoDB records with Lambda" and
    "Using the on-failure destination"; AWSLambdaDynamoDBExecutionRole.
    """
    return (*_stream(stream_arn), *_log(stream_arn, function_name), *_destination(mapping.on_failure))


def _stream(stream_arn: str) -> Iterator[Permission]:
    for action in STREAM_ACTIONS:
        yield Permission(
            action=f"dynamodb:{action}",
            resource=stream_arn,
            grant=all_labels(stream_arn),
            reason="the trigger reads the stream with the function's role",
        )


def _log(stream_arn: str, function_name: str) -> Iterator[Permission]:
    partition, _, region, account = stream_arn.split(":")[1:5]
    group = f"arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda/{_plain(function_name)}"
    for action, stream in (("CreateLogGroup", ""), ("CreateLogStream", "*"), ("PutLogEvents", "*")):
        yield Permission(
            action=f"logs:{action}",
            resource=f"{group}:log-stream:{stream}",
            grant=f"{group}:*",
            reason="Lambda writes the function's log with its role",
        )


def _plain(function_name: str) -> str:
    """Return the bare name of what a mapping may name as `name`, `name:alias`, or an ARN, whole or in part."""
    return function_name.rpartition("function:")[2].partition(":")[0]


def _destination(arn: str | None) -> Iterator[Permission]:
    if arn is None:
        return
    service = arn.split(":")[2]
    reason = "the trigger sends what it discards to the mapping's on-failure destination"
    if service == "s3":
        yield Permission(action="s3:ListBucket", resource=arn, reason=reason)
        yield Permission(action="s3:PutObject", resource=f"{arn}/aws/lambda/*", reason=reason)
    elif service in {"sqs", "sns"}:
        yield Permission(action="sqs:SendMessage" if service == "sqs" else "sns:Publish", resource=arn, reason=reason)
