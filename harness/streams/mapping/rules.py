"""From a CreateEventSourceMapping request to a mapping that AWS would accept, or AWS's refusal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.streams.caution import Caution
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.filters.pattern import InvalidPattern
from harness.streams.mapping.constraints import violations
from harness.streams.mapping.errors import invalid, violated
from harness.streams.mapping.model import UNLIMITED, EventSourceMapping
from harness.streams.mapping.names import table_of_stream, table_of_table
from harness.streams.mapping.parameters import FIXED, KNOWN, PLAIN, refuse_foreign, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Filters that a mapping may have; AWS raises it to 10 on request.
FILTER_QUOTA = 5
_RETENTION = 86_400
_YOUNGEST_LIMIT = 60
_DESTINATION = re.compile(r"arn:[^:]+:(sqs:[^:]*:[^:]*:[^:/]+|sns:[^:]*:[^:]*:[^:/]+|s3:::[^:/]+)")
_NO_SUCH_DESTINATION = "Unsupported DestinationConfig parameter for given event source mapping type."


def create(request: Mapping[str, Any], *, uuid: str, filter_quota: int = FILTER_QUOTA) -> EventSourceMapping:
    """Return the mapping that a request in the shape of CreateEventSourceMapping asks for.

    Raises `ApiError` for what AWS refuses, with its message; `UsageError` for parameters that it has not got, or not
    for DynamoDB streams. A parameter that is null counts as not given. Whether stream and function exist is not asked.
    """
    given = {key: value for key, value in request.items() if value is not None}
    refuse_unknown(given)
    if broken := violations(given):
        raise violated(broken, hint=_likely_reason(broken))
    _check_source(given)
    _check_limits(given)
    _check_destinations(given.get("DestinationConfig", {}))
    patterns = _patterns(given.get("FilterCriteria", {}), filter_quota)
    refuse_foreign(given)
    return EventSourceMapping(
        uuid=uuid,
        filter_patterns=patterns,
        function_response_types=tuple(given.get("FunctionResponseTypes", ())),
        on_failure=_on_failure(given.get("DestinationConfig", {})),
        metrics=_metrics(given.get("MetricsConfig", {})),
        tags=_tags(given.get("Tags", {})),
        **{field: given[key] for key, field in PLAIN.items() if key in given},
    )


def update(
    mapping: EventSourceMapping, changes: Mapping[str, Any], *, filter_quota: int = FILTER_QUOTA
) -> EventSourceMapping:
    """Return the mapping with what a request in the shape of UpdateEventSourceMapping changes. Raises as `create`."""
    changes = {key: value for key, value in changes.items() if value is not None}
    for key in sorted(FIXED & changes.keys()):
        raise UsageError(
            f"{key} can't be changed by an update", hint="delete the mapping and create it anew with the other value"
        )
    refuse_unknown(changes, KNOWN - FIXED)
    return create(request_of(mapping) | changes, uuid=mapping.uuid, filter_quota=filter_quota)


def request_of(mapping: EventSourceMapping) -> dict[str, Any]:
    """Return the request that `create` would make the same mapping of."""
    request = {key: getattr(mapping, field) for key, field in PLAIN.items()}
    request["FunctionResponseTypes"] = list(mapping.function_response_types)
    request["FilterCriteria"] = {"Filters": [{"Pattern": pattern} for pattern in mapping.filter_patterns]}
    request["DestinationConfig"] = {"OnFailure": {"Destination": mapping.on_failure} if mapping.on_failure else {}}
    request["MetricsConfig"] = {"Metrics": list(mapping.metrics)}
    request["Tags"] = dict(mapping.tags)
    return request


def cautions(mapping: EventSourceMapping) -> tuple[Caution, ...]:
    """Return what was accepted, as on AWS, and has no effect, or leaves the mapping without one."""
    return tuple(_cautions(mapping))


def _cautions(mapping: EventSourceMapping) -> Iterator[Caution]:
    if not mapping.enabled:
        yield Caution(code="mapping-disabled", text="Enabled is false: the stream is not read, the function not called")
    if mapping.maximum_record_age_in_seconds > _RETENTION:
        age = mapping.maximum_record_age_in_seconds
        text = f"MaximumRecordAgeInSeconds {age}: a DynamoDB stream keeps records for 86400 seconds, none gets that old"
        yield Caution(code="record-age-beyond-retention", text=text)
    if mapping.kms_key_arn:
        text = "KMSKeyArn: it encrypts the filters where AWS keeps them; it changes nothing about delivery"
        yield Caution(code="kms-key-without-effect", text=text)
    if mapping.tags:
        yield Caution(
            code="tags-without-effect", text="Tags: they change nothing about delivery, and are not shown again"
        )


def _likely_reason(violations: list[str]) -> str:
    first = violations[0]
    if ".pattern'" in first and "be a string" in first:
        return "Pattern is JSON inside a text: put quotes around the whole of it"
    if "destination'" in first and "http" in first:
        return "name the queue's ARN, not its URL: in a template !GetAtt Queue.Arn, not !Ref Queue"
    if "eventSourceArn" in first:
        return "name the ARN of a DynamoDB stream: arn:aws:dynamodb:<region>:<account>:table/<table>/stream/<label>"
    return "see CreateEventSourceMapping in the Lambda API reference for what each parameter takes"


def _check_source(given: Mapping[str, Any]) -> None:
    arn = given.get("EventSourceArn", "")
    if table_of_stream(arn) is None:
        table = table_of_table(arn)
        hint = f"name the stream of table {table}: its LatestStreamArn" if table else "name a DynamoDB stream's ARN"
        raise invalid("Unrecognized event source.", hint=hint)
    position = given.get("StartingPosition")
    if position is None:
        message = "Value null at 'startingPosition' failed to satisfy constraint: Member must not be null."
        raise invalid(f"1 validation error detected: {message}", hint="set StartingPosition to TRIM_HORIZON or LATEST")
    if position == "AT_TIMESTAMP":
        hint = "only Kinesis and Kafka begin at a time; take TRIM_HORIZON or LATEST"
        raise invalid(f"Unsupported starting position for arn type: {arn}", hint=hint)


def _check_limits(given: Mapping[str, Any]) -> None:
    if UNLIMITED < given.get("MaximumRecordAgeInSeconds", UNLIMITED) < _YOUNGEST_LIMIT:
        # hashicorp/terraform-provider-aws#16113 quotes it.
        message = "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)"
        raise invalid(message, hint="the shortest age that AWS takes is 60 seconds")
    if given.get("TumblingWindowInSeconds", 0) and given.get("ParallelizationFactor", 1) > 1:
        message = "Parallelization factor must be equal to 1 when tumbling window period is configured"
        raise invalid(message, hint="a window has one state: take out ParallelizationFactor or TumblingWindowInSeconds")


def _check_destinations(config: Mapping[str, Any]) -> None:
    if config.get("OnSuccess"):
        raise invalid(_NO_SUCH_DESTINATION, hint="a mapping has OnFailure only; OnSuccess is for asynchronous calls")
    arn = _on_failure(config)
    if arn is None:
        return
    if not _DESTINATION.fullmatch(arn):
        hint = "OnFailure takes a standard SQS queue, a standard SNS topic or an S3 bucket"
        raise invalid(f"The destination ARN {arn} is invalid.", hint=hint)
    if arn.endswith(".fifo"):
        raise invalid(f"The destination ARN {arn} is invalid.", hint="OnFailure takes no FIFO queue or topic")


def _on_failure(config: Mapping[str, Any]) -> str | None:
    return (config.get("OnFailure") or {}).get("Destination") or None


def _patterns(criteria: Mapping[str, Any], quota: int) -> tuple[str, ...]:
    filters = criteria.get("Filters") or ()
    if len(filters) > quota:
        hint = f"a mapping may have {quota}; AWS raises that to 10 on request. One pattern can hold several values"
        raise invalid(f"{len(filters)} filters exceed the quota of {quota} filters for an event source.", hint=hint)
    patterns = tuple(entry.get("Pattern") or "" for entry in filters)
    try:
        FilterCriteria.of(patterns)
    except InvalidPattern as wrong:
        raise invalid("Invalid filter pattern definition.", hint=wrong.reason) from wrong
    return patterns


def _metrics(config: Mapping[str, Any]) -> tuple[str, ...]:
    metrics = tuple(config.get("Metrics") or ())
    for name in metrics:
        if name != "EventCount":
            raise UsageError(f"MetricsConfig: a DynamoDB stream has no {name} metrics", hint="it has EventCount")
    return metrics


def _tags(tags: Mapping[str, Any]) -> dict[str, str]:
    for key, value in tags.items():
        if not isinstance(value, str):
            raise UsageError(f"Tags: {key} is {value!r}", hint="a tag's value is a text")
    return dict(tags)
