"""Which parameters a mapping of a DynamoDB stream has, and why it hasn't the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: CreateEventSourceMapping's names of the fields of `EventSourceMapping` that hold plain values.
PLAIN = {
    "EventSourceArn": "event_source_arn",
    "FunctionName": "function_name",
    "StartingPosition": "starting_position",
    "Enabled": "enabled",
    "BatchSize": "batch_size",
    "MaximumBatchingWindowInSeconds": "maximum_batching_window_in_seconds",
    "ParallelizationFactor": "parallelization_factor",
    "MaximumRetryAttempts": "maximum_retry_attempts",
    "MaximumRecordAgeInSeconds": "maximum_record_age_in_seconds",
    "BisectBatchOnFunctionError": "bisect_batch_on_function_error",
    "TumblingWindowInSeconds": "tumbling_window_in_seconds",
    "KMSKeyArn": "kms_key_arn",
}
KNOWN = frozenset(PLAIN) | {"FunctionResponseTypes", "FilterCriteria", "DestinationConfig", "MetricsConfig", "Tags"}
#: What UpdateEventSourceMapping can't change.
FIXED = frozenset({"EventSourceArn", "StartingPosition", "Tags"})
#: Parameters of other event sources, each with whose they are.
FOREIGN = {
    "StartingPositionTimestamp": "it goes with AT_TIMESTAMP, which a DynamoDB stream does not have",
    "ScalingConfig": "it is for SQS queues; a DynamoDB stream has ParallelizationFactor",
    "LoggingConfig": "it is for Kafka",
    "ProvisionedPollerConfig": "it is for Kafka and SQS",
    "Topics": "it is for Kafka",
    "Queues": "it is for Amazon MQ",
    "SourceAccessConfigurations": "it is for Kafka, Amazon MQ and DocumentDB",
    "SelfManagedEventSource": "it is for Kafka",
    "AmazonManagedKafkaEventSourceConfig": "it is for Kafka",
    "SelfManagedKafkaEventSourceConfig": "it is for Kafka",
    "DocumentDBEventSourceConfig": "it is for DocumentDB",
}
_NESTED = {
    "FilterCriteria": {"Filters"},
    "DestinationConfig": {"OnFailure", "OnSuccess"},
    "MetricsConfig": {"Metrics"},
}


def refuse_unknown(request: Mapping[str, Any], known: Collection[str] = KNOWN) -> None:
    """Raise UsageError for the first key that the API has not got, here or one level down, with the nearest it has."""
    _refuse(request, {*known, *FOREIGN}, "an event source mapping")
    for key, inner in _NESTED.items():
        _refuse(request.get(key), inner, key)
    config, criteria = request.get("DestinationConfig"), request.get("FilterCriteria")
    for side, target in config.items() if isinstance(config, dict) else ():
        _refuse(target, {"Destination"}, f"DestinationConfig.{side}")
    filters = criteria.get("Filters") if isinstance(criteria, dict) else None
    for entry in filters if isinstance(filters, list | tuple) else ():
        _refuse(entry, {"Pattern"}, "a filter of FilterCriteria")


def refuse_foreign(request: Mapping[str, Any]) -> None:
    """Raise UsageError for the first parameter that the API has for other event sources only."""
    for key, reason in FOREIGN.items():
        if key in request:
            raise UsageError(f"{key} has no meaning for a DynamoDB stream: {reason}", hint=f"take {key} out")


def _refuse(found: object, known: Collection[str], what: str) -> None:
    for key in found if isinstance(found, dict) else ():
        if key not in known:
            hint = did_you_mean(str(key), known, otherwise=f"known are {', '.join(sorted(known))}")
            raise UsageError(f"{what} has no parameter {key!r}", hint=hint)
