"""Managed policies of AWS whose content is known here, at the version that is named with each.

Source: AWS Managed Policy Reference. Actions of services that no function of a trigger calls are kept as well, so that
nothing is reported as refused which AWS allows.
"""

from __future__ import annotations

from typing import Any

from harness.streams.permissions.policy import CURRENT, Policy, parse_policy

_STREAM = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
_INSIGHTS = "arn:aws:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights*"


def _of(service: str, *names: str) -> list[str]:
    return [f"{service}:{name}" for name in names]


def _allow(actions: list[str], resource: str = "*", **condition: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


_SEEN_BESIDE_TABLES = [
    *_of("application-autoscaling", "DescribeScalableTargets", "DescribeScalingActivities", "DescribeScalingPolicies"),
    *_of("cloudwatch", "DescribeAlarmHistory", "DescribeAlarms", "DescribeAlarmsForMetric", "GetMetricStatistics"),
    *_of("cloudwatch", "ListMetrics", "GetMetricData"),
    *_of("datapipeline", "DescribeObjects", "DescribePipelines", "GetPipelineDefinition", "ListPipelines"),
    *_of("datapipeline", "QueryObjects"),
    *_of("ec2", "DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups"),
    *_of("iam", "GetRole", "ListRoles"),
    *_of("kms", "DescribeKey", "ListAliases"),
    *_of("sns", "ListSubscriptionsByTopic", "ListTopics"),
    *_of("lambda", "ListFunctions", "ListEventSourceMappings", "GetFunctionConfiguration"),
    *_of("resource-groups", "ListGroups", "ListGroupResources", "GetGroup", "GetGroupQuery"),
    *_of("tag", "GetResources"),
    *_of("kinesis", "ListStreams", "DescribeStream", "DescribeStreamSummary"),
]
_LINKED_TO_TABLES = {
    "iam:AWSServiceName": [
        "replication.dynamodb.amazonaws.com",
        "dax.amazonaws.com",
        "dynamodb.application-autoscaling.amazonaws.com",
        "contributorinsights.dynamodb.amazonaws.com",
        "kinesisreplication.dynamodb.amazonaws.com",
    ]
}
_SCALED = "DeleteScalingPolicy", "DeregisterScalableTarget", "PutScalingPolicy", "RegisterScalableTarget"

_STATEMENTS: dict[str, list[dict[str, Any]]] = {
    # v1, April 2015
    "AWSLambdaBasicExecutionRole": [_allow(_LOGS)],
    # v1, April 2015: no table at all
    "AWSLambdaDynamoDBExecutionRole": [_allow([*_STREAM, *_LOGS])],
    # v1, February 2015
    "AWSLambdaInvocation-DynamoDB": [_allow(["lambda:InvokeFunction"]), _allow(_STREAM)],
    # v1, June 2018
    "AWSLambdaSQSQueueExecutionRole": [
        _allow([*_of("sqs", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"), *_LOGS])
    ],
    # v3, January 2024
    "AWSLambdaVPCAccessExecutionRole": [
        _allow(
            [
                *_LOGS,
                *_of("ec2", "CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets"),
                *_of("ec2", "DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
            ]
        )
    ],
    # v2, February 2024
    "AWSXRayDaemonWriteAccess": [
        _allow(
            _of("xray", "PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
            + _of("xray", "GetSamplingStatisticSummaries")
        )
    ],
    # v14, March 2024
    "AmazonDynamoDBReadOnlyAccess": [
        _allow(
            [
                *_SEEN_BESIDE_TABLES,
                *_of("dynamodb", "BatchGetItem", "Describe*", "List*", "GetItem", "GetResourcePolicy", "Query", "Scan"),
                "dynamodb:PartiQLSelect",
                *_of("dax", "Describe*", "List*", "GetItem", "BatchGetItem", "Query", "Scan"),
            ]
        ),
        _allow(["cloudwatch:GetInsightRuleReport"], _INSIGHTS),
    ],
    # January 2021
    "AmazonDynamoDBFullAccess": [
        _allow(
            [
                *_SEEN_BESIDE_TABLES,
                *("dynamodb:*", "dax:*"),
                *_of("application-autoscaling", *_SCALED),
                *_of("cloudwatch", "DeleteAlarms", "PutMetricAlarm"),
                *_of("datapipeline", "ActivatePipeline", "CreatePipeline", "DeletePipeline", "PutPipelineDefinition"),
                *_of("sns", "CreateTopic", "DeleteTopic", "ListSubscriptions", "Subscribe", "Unsubscribe"),
                "sns:SetTopicAttributes",
                *_of(
                    "lambda", "CreateFunction", "CreateEventSourceMapping", "DeleteEventSourceMapping", "DeleteFunction"
                ),
                *_of("resource-groups", "DeleteGroup", "CreateGroup"),
            ]
        ),
        _allow(["cloudwatch:GetInsightRuleReport"], _INSIGHTS),
        _allow(
            ["iam:PassRole"],
            StringLike={
                "iam:PassedToService": [
                    "application-autoscaling.amazonaws.com",
                    "application-autoscaling.amazonaws.com.cn",
                    "dax.amazonaws.com",
                ]
            },
        ),
        _allow(["iam:CreateServiceLinkedRole"], StringEquals=_LINKED_TO_TABLES),
    ],
    # May 2025
    "AmazonDynamoDBFullAccess_v2": [
        _allow(
            [
                *("dynamodb:*", "dax:*", "kms:DescribeKey", "kms:ListAliases", "sns:ListTopics", "tag:GetResources"),
                *_of("lambda", "ListEventSourceMappings", "ListFunctions"),
                *_of("application-autoscaling", "DescribeScalableTargets", "DescribeScalingActivities"),
                "application-autoscaling:DescribeScalingPolicies",
                *_of("cloudwatch", "DescribeAlarms", "GetMetricStatistics", "GetMetricData"),
                *_of("kinesis", "ListStreams", "DescribeStream", "DescribeStreamSummary"),
                *_of("ec2", "DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups"),
                "iam:ListRoles",
            ]
        ),
        _allow(
            _of("application-autoscaling", *_SCALED),
            StringEquals={"application-autoscaling:service-namespace": "dynamodb"},
        ),
        _allow(["cloudwatch:GetInsightRuleReport"], _INSIGHTS),
        _allow(["iam:CreateServiceLinkedRole"], StringEquals=_LINKED_TO_TABLES),
    ],
    # v1, February 2015
    "AdministratorAccess": [_allow(["*"])],
}


def managed_policy(name_or_arn: str) -> Policy:
    """Return a managed policy by name or ARN; one that isn't known here comes back as unexamined."""
    name = name_or_arn.rpartition("/")[2]
    by_aws = not name_or_arn.startswith("arn:") or ":iam::aws:policy/" in name_or_arn
    if by_aws and name in _STATEMENTS:
        document = {"Version": CURRENT, "Statement": _STATEMENTS[name]}
        return parse_policy(document, name=name, where=name, own=False)
    why = "its content isn't known to this program" if by_aws else "it is a policy of the account, not of this file"
    return Policy(name=name_or_arn, unexamined=why, own=False)
