"""What the Lambda API's model says of each parameter: type, range, length, pattern, values.

Source: the shape CreateEventSourceMappingRequest of Lambda's service model (2015-03-31), as botocore ships it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Smallest and largest value.
NUMBERS = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "ParallelizationFactor": (1, 10),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "MaximumRetryAttempts": (-1, 10_000),
    "TumblingWindowInSeconds": (0, 900),
}
FLAGS = ("Enabled", "BisectBatchOnFunctionError")
_REGION = r"((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})"
_ARN = rf"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:{_REGION}?:(\d{{12}})?:(.*)"
_FUNCTION = (
    rf"(arn:(aws[a-zA-Z-]*)?:lambda:)?({_REGION}:)?(\d{{12}}:)?(function:)?([a-zA-Z0-9-_\.]+)"
    r"(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
_KMS = r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"
_DESTINATION = rf"$|kafka://([^.]([a-zA-Z0-9\-_.]{{0,248}}))|{_ARN}"
#: Smallest and largest length, and pattern.
_TEXTS = {
    "EventSourceArn": (0, 10_000, _ARN),
    "FunctionName": (1, 256, _FUNCTION),
    "KMSKeyArn": (0, 10_000, _KMS),
}
_POSITIONS = ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")
_RESPONSE_TYPES = ("ReportBatchItemFailures",)
_METRICS = ("EventCount", "ErrorCount", "KafkaMetrics")
_LONGEST_PATTERN = 4096
#: The longest function name; the limit of FunctionName itself is that of an ARN.
_LONGEST_NAME = 64
_MOST_METRICS = 3


def violations(request: Mapping[str, Any]) -> list[str]:
    """Return a sentence for everything that AWS's model of the request forbids, in AWS's general form."""
    return list(_violations(request))


def _violations(request: Mapping[str, Any]) -> Iterator[str]:
    if "FunctionName" not in request:
        yield _fails("functionName", None, "Member must not be null")
    for key, value in request.items():
        path = key[0].lower() + key[1:] if key != "KMSKeyArn" else "kMSKeyArn"
        if key in NUMBERS:
            yield from _number(path, value, *NUMBERS[key])
        elif key in FLAGS and not isinstance(value, bool):
            yield _fails(path, value, "Member must be a boolean")
        elif key in _TEXTS:
            # DynamoDB Local's own ARNs have no region that AWS would know.
            plain = value.replace(":ddblocal:", ":us-east-1:") if isinstance(value, str) else value
            yield from _text(path, plain, *_TEXTS[key])
    name = request.get("FunctionName", "")
    if isinstance(name, str) and ":" not in name and len(name) > _LONGEST_NAME:
        yield _fails("functionName", name, f"Member must have length less than or equal to {_LONGEST_NAME}")
    yield from _choice("startingPosition", request.get("StartingPosition"), _POSITIONS)
    yield from _choices("functionResponseTypes", request.get("FunctionResponseTypes"), _RESPONSE_TYPES, most=1)
    yield from _structure("tags", request.get("Tags"))
    yield from _filters(request.get("FilterCriteria"))
    yield from _destinations(request.get("DestinationConfig"))
    yield from _metrics(request.get("MetricsConfig"))


def _fails(path: str, value: object, rule: str) -> str:
    said = "null" if value is None else f"'{_said(value)}'"
    return f"Value {said} at '{path}' failed to satisfy constraint: {rule}"


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_said(part) for part in value)}]"
    return str(value)


def _number(path: str, value: object, low: int, high: int) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield _fails(path, value, "Member must be an integer")
    elif value < low:
        yield _fails(path, value, f"Member must have value greater than or equal to {low}")
    elif value > high:
        yield _fails(path, value, f"Member must have value less than or equal to {high}")


def _text(path: str, value: object, shortest: int, longest: int, pattern: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield _fails(path, value, "Member must be a string")
        return
    if len(value) < shortest:
        yield _fails(path, value, f"Member must have length greater than or equal to {shortest}")
    elif len(value) > longest:
        yield _fails(path, value, f"Member must have length less than or equal to {longest}")
    elif not re.fullmatch(pattern, value):
        yield _fails(path, value, f"Member must satisfy regular expression pattern: {pattern}")


def _choice(path: str, value: object, values: tuple[str, ...]) -> Iterator[str]:
    if value is not None and value not in values:
        yield _fails(path, value, f"Member must satisfy enum value set: [{', '.join(values)}]")


def _choices(path: str, value: object, values: tuple[str, ...], *, most: int) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, list | tuple):
        yield _fails(path, value, "Member must be a list")
    elif any(part not in values for part in value):
        allowed = f"[Member must satisfy enum value set: [{', '.join(values)}]]"
        yield _fails(path, value, f"Member must satisfy constraint: {allowed}")
    elif len(value) > most:
        yield _fails(path, value, f"Member must have length less than or equal to {most}")


def _structure(path: str, value: object) -> Iterator[str]:
    if value is not None and not isinstance(value, dict):
        yield _fails(path, value, "Member must be a structure")


def _filters(criteria: object) -> Iterator[str]:
    yield from _structure("filterCriteria", criteria)
    filters = criteria.get("Filters") if isinstance(criteria, dict) else None
    if filters is None:
        return
    if not isinstance(filters, list | tuple):
        yield _fails("filterCriteria.filters", filters, "Member must be a list")
        return
    for number, entry in enumerate(filters, start=1):
        path = f"filterCriteria.filters.{number}.member"
        if not isinstance(entry, dict):
            yield _fails(path, entry, "Member must be a structure")
        pattern = entry.get("Pattern") if isinstance(entry, dict) else None
        if pattern is not None:
            yield from _text(f"{path}.pattern", pattern, 0, _LONGEST_PATTERN, r"[\s\S]*")


def _destinations(config: object) -> Iterator[str]:
    yield from _structure("destinationConfig", config)
    for side, target in config.items() if isinstance(config, dict) else ():
        path = f"destinationConfig.{side[0].lower()}{side[1:]}"
        yield from _structure(path, target)
        arn = target.get("Destination") if isinstance(target, dict) else None
        if arn is not None:
            yield from _text(f"{path}.destination", arn, 0, 350, _DESTINATION)


def _metrics(config: object) -> Iterator[str]:
    yield from _structure("metricsConfig", config)
    if isinstance(config, dict):
        yield from _choices("metricsConfig.metrics", config.get("Metrics"), _METRICS, most=_MOST_METRICS)
