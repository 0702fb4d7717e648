"""Which destinations a mapping of a DynamoDB stream can name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from harness.errors import UsageError

Service = Literal["sqs", "sns", "s3"]
ACCEPTED = (
    "a standard SQS queue (arn:aws:sqs:<region>:<account>:<queue>), a standard SNS topic "
    "(arn:aws:sns:<region>:<account>:<topic>) or an S3 bucket (arn:aws:s3:::<bucket>)"
)
_SHAPE = re.compile(
    r"arn:aws[a-z-]*:(?:"
    r"(?P<queue>sqs):(?P<queue_region>[a-z0-9-]+):\d{12}:(?P<queue_name>[\w-]{1,80})"
    r"|(?P<topic>sns):(?P<topic_region>[a-z0-9-]+):\d{12}:(?P<topic_name>[\w-]{1,256})"
    r"|(?P<bucket>s3):::(?P<bucket_name>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])"
    r")",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationArn:
    """An ARN that can be sent to."""

    arn: str
    service: Service
    #: None for a bucket, whose ARN names none.
    region: str | None
    #: Of the queue, topic or bucket.
    name: str


def read_destination_arn(arn: str) -> DestinationArn:
    """Take an ARN apart; UsageError with what is accepted instead."""
    if arn.endswith(".fifo"):
        raise UsageError(
            f"OnFailure destination {arn!r} is a FIFO queue or topic, which a stream's mapping can't have",
            hint=f"name {ACCEPTED}",
        )
    found = _SHAPE.fullmatch(arn)
    if found is None:
        raise UsageError(
            f"OnFailure destination {arn!r} is not what a mapping of a DynamoDB stream takes", hint=f"name {ACCEPTED}"
        )
    parts = found.groupdict()
    return DestinationArn(
        arn=arn,
        service=cast("Service", parts["queue"] or parts["topic"] or parts["bucket"]),
        region=parts["queue_region"] or parts["topic_region"],
        name=parts["queue_name"] or parts["topic_name"] or parts["bucket_name"],
    )
