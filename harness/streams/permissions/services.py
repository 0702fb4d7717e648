"""Calls of other services that handlers make, and the actions that they need.

Mostly the action is called like the operation. Where it isn't, and what a call's resource is, stands here. Sources: the
permissions that API references name with each operation (S3, Secrets Manager, Lambda, STS, SQS), the statements of SAM's
policy templates, and refusals as AWS words them. What none of them shows is marked as not verified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.streams.permissions.permission import ANY
from harness.streams.permissions.s3 import s3_needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.streams.permissions.permission import Permission, Request

    #: The resources of a call, each with what a policy should name; "" for the resource itself.
    Resources = Callable[[Request], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a service's calls become actions."""

    resources: Resources
    #: Where it isn't the name that botocore has for the service.
    prefix: str = ""
    #: Operations whose action is called otherwise.
    renamed: Mapping[str, str] = field(default_factory=dict)
    #: Operations whose action and resource were found in AWS's material.
    verified: frozenset[str] = frozenset()
    #: Operations that AWS answers to anybody.
    free: frozenset[str] = frozenset()


def service_needs(request: Request) -> Iterator[Permission]:
    """Yield what a call of any service but DynamoDB needs."""
    if request.service == "s3":
        yield from s3_needs(request)
        return
    service = SERVICES.get(request.service, _PLAIN)
    operation = request.operation
    if operation in service.free:
        return
    if operation == "BatchGetSecretValue":
        yield request.need("secretsmanager:BatchGetSecretValue", ANY)
    action = f"{service.prefix or request.service}:{service.renamed.get(operation, operation)}"
    for resource, grant in service.resources(request) or [(ANY, "")]:
        yield request.need(action, resource, grant=grant, verified=operation in service.verified)


def _unbound(_request: Request) -> list[tuple[str, str]]:
    return []


def _arn(*parameters: str, kind: str = "", prefix: str = "") -> Resources:
    """Return a finder of the resource that a parameter names: by ARN, or by a name that comes after `prefix`."""

    def resources(request: Request) -> list[tuple[str, str]]:
        for value in filter(None, map(request.text, parameters)):
            if value.startswith("arn:"):
                return [(request.identity.placed(value), "")]
            if kind:
                return [(request.identity.name(kind, prefix + value), "")]
        return []

    return resources


def _queue(request: Request) -> list[tuple[str, str]]:
    """`https://sqs.<region>.amazonaws.com/<account>/<name>`; a local engine's account is nobody's."""
    found = re.search(r"/(\d{12})/([^/]+)/?$", request.text("QueueUrl"))
    name = found.group(2) if found else request.text("QueueName")
    arn = f"arn:{request.identity.partition}:sqs:{request.identity.region}:{found.group(1) if found else ''}:{name}"
    return [(request.identity.placed(arn) if found else request.identity.name("sqs", name), "")] if name else []


def _topic(request: Request) -> list[tuple[str, str]]:
    if phone := request.text("PhoneNumber"):
        return [(phone, ANY)]
    return _arn("TopicArn", "TargetArn")(request)


def _function(request: Request) -> list[tuple[str, str]]:
    name, qualifier = request.text("FunctionName"), request.text("Qualifier")
    if not name:
        return []
    arn = (
        name if name.startswith("arn:") else request.identity.name("lambda", f"function:{name.split('function:')[-1]}")
    )
    return [(request.identity.placed(arn) + (f":{qualifier}" if qualifier else ""), "")]


def _parameters(request: Request) -> list[tuple[str, str]]:
    names = [request.text("Name"), request.text("Path"), *request.entries("Names")]
    return [
        (name if name.startswith("arn:") else request.identity.name("ssm", f"parameter/{name.lstrip('/')}"), "")
        for name in names
        if isinstance(name, str) and name
    ]


def _secrets(request: Request) -> list[tuple[str, str]]:
    """Return secrets' ARNs, which end in six characters that Secrets Manager chose."""
    names = [request.text("SecretId"), *request.entries("SecretIdList")]
    return [
        (name if name.startswith("arn:") else request.identity.name("secretsmanager", f"secret:{name}-??????"), "")
        for name in names
        if isinstance(name, str) and name
    ]


def _buses(request: Request) -> list[tuple[str, str]]:
    entries = [entry for entry in request.entries("Entries") if isinstance(entry, dict)]
    names = {str(entry.get("EventBusName") or "default") for entry in entries}
    return [
        (name if name.startswith("arn:") else request.identity.name("events", f"event-bus/{name}"), "")
        for name in sorted(names)
    ]


def _log_stream(request: Request) -> list[tuple[str, str]]:
    """AWS writes a group as `log-group:<group>:log-stream:`, with nothing after it."""
    group = request.text("logGroupName")
    stream = request.text("logStreamName")
    name = request.identity.name
    return (
        [(name("logs", f"log-group:{group}:log-stream:{stream}"), name("logs", f"log-group:{group}:*"))]
        if group
        else []
    )


def _connections(request: Request) -> list[tuple[str, str]]:
    return [(request.identity.name("execute-api", "*/*/*/@connections/*"), "")]


def _keys(request: Request) -> list[tuple[str, str]]:
    key = request.text("KeyId")
    if key.startswith("arn:") and ":alias/" not in key:
        return [(key, "")]
    return [(request.identity.name("kms", f"key/{ANY if not key or 'alias/' in key else key}"), "")]


_PLAIN = Service(resources=_unbound)
SERVICES: dict[str, Service] = {
    "sqs": Service(
        resources=_queue,
        renamed={
            "SendMessageBatch": "SendMessage",
            "DeleteMessageBatch": "DeleteMessage",
            "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        },
        verified=frozenset(
            {"SendMessage", "SendMessageBatch", "DeleteMessage", "DeleteMessageBatch", "ReceiveMessage"}
            | {"ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "GetQueueAttributes"}
        ),
    ),
    "sns": Service(
        resources=_topic,
        renamed={"PublishBatch": "Publish"},
        verified=frozenset({"Publish", "Subscribe", "SetTopicAttributes", "ListSubscriptionsByTopic"}),
    ),
    "lambda": Service(
        resources=_function,
        renamed=dict.fromkeys(("Invoke", "InvokeAsync", "InvokeWithResponseStream"), "InvokeFunction"),
        verified=frozenset({"Invoke", "InvokeWithResponseStream"}),
    ),
    "ssm": Service(resources=_parameters, verified=frozenset({"GetParameter", "GetParameters"})),
    "secretsmanager": Service(
        resources=_secrets,
        renamed={"BatchGetSecretValue": "GetSecretValue"},
        verified=frozenset({"GetSecretValue", "BatchGetSecretValue", "DescribeSecret", "PutSecretValue"}),
    ),
    "sts": Service(
        resources=_arn("RoleArn"),
        free=frozenset({"GetCallerIdentity", "GetSessionToken"}),
    ),
    "events": Service(resources=_buses),
    "logs": Service(
        resources=_log_stream,
        verified=frozenset({"CreateLogGroup", "FilterLogEvents"}),
    ),
    "cloudwatch": Service(resources=_unbound, verified=frozenset({"PutMetricData"})),
    "cognito-idp": Service(
        resources=_arn("UserPoolId", kind="cognito-idp", prefix="userpool/"),
        verified=frozenset({"AdminGetUser"}),
        # The user's own token allows these; the reference says of each that no policy is evaluated.
        free=frozenset(
            {"SignUp", "ConfirmSignUp", "ResendConfirmationCode", "InitiateAuth", "RespondToAuthChallenge", "GetUser"}
            | {
                "ForgotPassword",
                "ConfirmForgotPassword",
                "ChangePassword",
                "GlobalSignOut",
                "RevokeToken",
                "DeleteUser",
            }
            | {"UpdateUserAttributes", "VerifyUserAttribute", "AssociateSoftwareToken", "VerifySoftwareToken"}
        ),
    ),
    "kms": Service(resources=_keys, verified=frozenset({"Encrypt", "Decrypt"})),
    "stepfunctions": Service(
        resources=_arn("stateMachineArn"), prefix="states", verified=frozenset({"StartExecution"})
    ),
    "kinesis": Service(
        resources=_arn("StreamARN", "StreamName", kind="kinesis", prefix="stream/"),
        verified=frozenset({"PutRecord", "PutRecords"}),
    ),
    "firehose": Service(
        resources=_arn("DeliveryStreamName", kind="firehose", prefix="deliverystream/"),
        verified=frozenset({"PutRecord", "PutRecordBatch"}),
    ),
    "apigatewaymanagementapi": Service(
        resources=_connections,
        prefix="execute-api",
        renamed=dict.fromkeys(("PostToConnection", "GetConnection", "DeleteConnection"), "ManageConnections"),
    ),
    "sesv2": Service(resources=_unbound, prefix="ses"),
}
