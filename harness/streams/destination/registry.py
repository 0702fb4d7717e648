"""From what a mapping names to where its failure records go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from harness.errors import UsageError
from harness.stores.destinations import make_destination_client
from harness.streams.destination.arn import DestinationArn, Service, read_destination_arn
from harness.streams.destination.json_lines import JsonLinesDestination
from harness.streams.destination.s3 import BucketDestination
from harness.streams.destination.sns import TopicDestination
from harness.streams.destination.sqs import QueueDestination

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.streams.destination.base import Destination
    from harness.streams.mapping.model import EventSourceMapping

SERVICES: tuple[str, ...] = get_args(Service)


def open_destination(
    mapping: EventSourceMapping,
    *,
    endpoints: Mapping[str, str],
    file: Path,
    allow_remote: bool = False,
    connect: Callable[..., Any] = make_destination_client,
) -> Destination | None:
    """Return the mapping's destination; None where it has none, and what is discarded is gone.

    `endpoints` tells where `sqs`, `sns` and `s3` answer; without an endpoint for the service, `file` stands in for it.
    A bucket's ARN names no region: the stream's is taken. UsageError for an ARN or an endpoint that can't be used.
    """
    for service in endpoints:
        if service not in SERVICES:
            raise UsageError(
                f"no destination is reached through an endpoint of {service!r}",
                hint=f"the services that have one: {', '.join(SERVICES)}",
            )
    if mapping.on_failure is None:
        return None
    found = read_destination_arn(mapping.on_failure)
    url = endpoints.get(found.service)
    if url is None:
        return JsonLinesDestination(path=file, arn=found.arn, carries_event=found.service == "s3")
    region = found.region or mapping.event_source_arn.split(":")[3]
    client = connect(found.service, url, region=region, allow_remote=allow_remote)
    return _opened(found, client, mapping.uuid)


def _opened(found: DestinationArn, client: Any, mapping_uuid: str) -> Destination:
    match found.service:
        case "sqs":
            return QueueDestination(client=client, arn=found.arn)
        case "sns":
            return TopicDestination(client=client, arn=found.arn)
        case "s3":
            return BucketDestination(client=client, arn=found.arn, mapping_uuid=mapping_uuid)
