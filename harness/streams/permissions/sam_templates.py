"""SAM's policy templates: what stands for `- DynamoDBCrudPolicy: {TableName: …}` in a function's Policies.

Source: "AWS SAM policy template list" of the SAM developer guide, and the list that the SAM translator ships.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.streams.permissions.policy import CURRENT, Policy, parse_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.permissions.permission import Identity

_TABLE = "dynamodb:{region}:{account}:table/{TableName}"
_TABLE_AND_INDEXES = (_TABLE, f"{_TABLE}/index/*")
_QUEUE = "sqs:{region}:{account}:{QueueName}"
_BUCKET, _OBJECTS = "s3:::{BucketName}", "s3:::{BucketName}/*"
_STATE_MACHINE = "states:{region}:{account}:stateMachine:{StateMachineName}"

#: One or more of (service, actions, resources); a resource is what follows `arn:<partition>:`, or `*`.
_Grants = tuple[tuple[str, str, tuple[str, ...]], ...]
_TEMPLATES: dict[str, _Grants] = {
    "DynamoDBCrudPolicy": (
        (
            "dynamodb",
            "GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem",
            _TABLE_AND_INDEXES,
        ),
    ),
    "DynamoDBReadPolicy": (("dynamodb", "GetItem Scan Query BatchGetItem DescribeTable", _TABLE_AND_INDEXES),),
    "DynamoDBWritePolicy": (("dynamodb", "PutItem UpdateItem BatchWriteItem", _TABLE_AND_INDEXES),),
    "DynamoDBReconfigurePolicy": (("dynamodb", "UpdateTable", (_TABLE,)),),
    "DynamoDBStreamReadPolicy": (
        ("dynamodb", "DescribeStream GetRecords GetShardIterator", (_TABLE + "/stream/{StreamName}",)),
        ("dynamodb", "ListStreams", (_TABLE + "/stream/*",)),
    ),
    "DynamoDBBackupFullAccessPolicy": (
        ("dynamodb", "CreateBackup DescribeContinuousBackups", (_TABLE,)),
        ("dynamodb", "DeleteBackup DescribeBackup ListBackups", (_TABLE + "/backup/*",)),
    ),
    "DynamoDBRestoreFromBackupPolicy": (
        ("dynamodb", "RestoreTableFromBackup", (_TABLE + "/backup/*",)),
        ("dynamodb", "PutItem UpdateItem DeleteItem GetItem Query Scan BatchWriteItem", (_TABLE,)),
    ),
    "SQSSendMessagePolicy": (("sqs", "SendMessage*", (_QUEUE,)),),
    "SQSPollerPolicy": (
        (
            "sqs",
            "ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage GetQueueAttributes ReceiveMessage",
            (_QUEUE,),
        ),
    ),
    "SNSPublishMessagePolicy": (("sns", "Publish", ("sns:{region}:{account}:{TopicName}",)),),
    "SNSCrudPolicy": (
        (
            "sns",
            "ListSubscriptionsByTopic CreateTopic SetTopicAttributes Subscribe Publish",
            ("sns:{region}:{account}:{TopicName}*",),
        ),
    ),
    "S3ReadPolicy": (
        (
            "s3",
            "GetObject ListBucket GetBucketLocation GetObjectVersion GetLifecycleConfiguration",
            (_BUCKET, _OBJECTS),
        ),
    ),
    "S3WritePolicy": (("s3", "PutObject PutObjectAcl PutLifecycleConfiguration", (_BUCKET, _OBJECTS)),),
    "S3CrudPolicy": (
        (
            "s3",
            "GetObject ListBucket GetBucketLocation GetObjectVersion PutObject PutObjectAcl DeleteObject",
            (_BUCKET, _OBJECTS),
        ),
        ("s3", "GetLifecycleConfiguration PutLifecycleConfiguration", (_BUCKET, _OBJECTS)),
    ),
    "LambdaInvokePolicy": (("lambda", "InvokeFunction", ("lambda:{region}:{account}:function:{FunctionName}*",)),),
    "CloudWatchPutMetricPolicy": (("cloudwatch", "PutMetricData", ("*",)),),
    "KMSDecryptPolicy": (("kms", "Decrypt", ("kms:{region}:{account}:key/{KeyId}",)),),
    "KMSEncryptPolicy": (("kms", "Encrypt", ("kms:{region}:{account}:key/{KeyId}",)),),
    "SSMParameterReadPolicy": (
        ("ssm", "DescribeParameters", ("*",)),
        (
            "ssm",
            "GetParameters GetParameter GetParametersByPath",
            ("ssm:{region}:{account}:parameter/{ParameterName}",),
        ),
    ),
    "SSMParameterWithSlashPrefixReadPolicy": (
        ("ssm", "DescribeParameters", ("*",)),
        ("ssm", "GetParameters GetParameter GetParametersByPath", ("ssm:{region}:{account}:parameter{ParameterName}",)),
    ),
    "FirehoseWritePolicy": (
        ("firehose", "PutRecord PutRecordBatch", ("firehose:{region}:{account}:deliverystream/{DeliveryStreamName}",)),
    ),
    "FilterLogEventsPolicy": (
        ("logs", "FilterLogEvents", ("logs:{region}:{account}:log-group:{LogGroupName}:log-stream:*",)),
    ),
    "StepFunctionsExecutionPolicy": (("states", "StartExecution", (_STATE_MACHINE,)),),
    "StepFunctionsCallbackPolicy": (
        ("states", "SendTaskFailure SendTaskHeartbeat SendTaskSuccess", (_STATE_MACHINE,)),
    ),
    "VPCAccessPolicy": (
        (
            "ec2",
            "CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DetachNetworkInterface",
            ("*",),
        ),
    ),
}


def sam_policy(name: str, parameters: Mapping[str, Any], identity: Identity, *, where: str) -> Policy:
    """Return what a policy template grants; one that isn't known here comes back as unexamined."""
    statements: list[dict[str, Any]]
    if name == "AWSSecretsManagerGetSecretValuePolicy":
        statements = [
            {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": _given(parameters, "SecretArn")}
        ]
    elif name in _TEMPLATES:
        statements = [
            {
                "Effect": "Allow",
                "Action": [f"{service}:{action}" for action in actions.split()],
                "Resource": [_filled(resource, parameters, identity) for resource in resources],
            }
            for service, actions, resources in _TEMPLATES[name]
        ]
    else:
        return Policy(name=name, unexamined="this policy template of SAM isn't known to this program", own=False)
    return parse_policy({"Version": CURRENT, "Statement": statements}, name=name, where=where, own=False)


def _filled(resource: str, parameters: Mapping[str, Any], identity: Identity) -> str:
    if resource == "*":
        return resource
    names = {"region": identity.region, "account": identity.account}
    named = resource.format_map(_Known(names | {key: str(value) for key, value in parameters.items()}))
    return f"arn:{identity.partition}:{named}"


def _given(parameters: Mapping[str, Any], name: str) -> str:
    return str(parameters.get(name, f"${{template:{name}}}"))


class _Known(dict[str, str]):
    """A parameter that isn't given is as open as one that is only known after the deployment."""

    def __missing__(self, key: str) -> str:
        return f"${{template:{key}}}"
