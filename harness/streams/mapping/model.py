"""An event source mapping: the parameters of CreateEventSourceMapping that a DynamoDB stream takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

StartingPosition = Literal["TRIM_HORIZON", "LATEST"]
#: Stands for "no limit" in MaximumRetryAttempts and MaximumRecordAgeInSeconds.
UNLIMITED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceMapping:
    """Parameters under AWS's names in snake_case, with AWS's defaults.

    Source: API_CreateEventSourceMapping of the Lambda API reference, and the developer guide's page "Process DynamoDB
    records with Lambda". What may stand in them, `rules.py` knows; an instance has passed.
    """

    uuid: str
    #: The stream's ARN as the handler is shown it.
    event_source_arn: str
    #: As the mapping names it: a name, `name:alias`, or an ARN.
    function_name: str
    starting_position: StartingPosition
    enabled: bool = True
    batch_size: int = 100
    maximum_batching_window_in_seconds: int = 0
    parallelization_factor: int = 1
    #: Tries after the first one.
    maximum_retry_attempts: int = UNLIMITED
    maximum_record_age_in_seconds: int = UNLIMITED
    bisect_batch_on_function_error: bool = False
    function_response_types: tuple[str, ...] = ()
    #: JSON texts; a record passes that matches one of them, or every record where there is none.
    filter_patterns: tuple[str, ...] = ()
    #: ARN of the queue, topic or bucket for what is discarded.
    on_failure: str | None = None
    tumbling_window_in_seconds: int = 0
    metrics: tuple[str, ...] = ()
    kms_key_arn: str | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def reports_batch_item_failures(self) -> bool:
        """Whether what the handler returns is looked at."""
        return "ReportBatchItemFailures" in self.function_response_types
