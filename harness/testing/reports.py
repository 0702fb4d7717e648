"""What is told of a failed test: what it changed, asked, consumed and had delivered, and how to get at what is left."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.testing.boundary import in_words
from harness.testing.showing import shown_capacity, shown_changes, shown_delivery, shown_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.testing.attached import Streams
    from harness.testing.pair import Pair


def sections(pair: Pair, streams: Streams | None) -> Iterator[tuple[str, str]]:
    """Yield titles and texts; nothing for what is empty."""
    yield "harness: changes against the seed", _changes(pair)
    calls = pair.recorder.calls
    if calls:
        yield "harness: requests to DynamoDB", shown_requests(calls)
    if capacity := shown_capacity(calls):
        yield "harness: consumed capacity", capacity
    if streams is not None and streams.attached:
        shown = (shown_delivery(each.name, each.delivery) for each in streams.attached)
        yield "harness: stream deliveries", "\n".join(shown)


def how_to_connect(pair: Pair) -> str:
    """Return commands that show what a kept namespace holds."""
    dynamodb = pair.endpoints.dynamodb
    environment = {
        "AWS_ACCESS_KEY_ID": dynamodb.access_key_id,
        "AWS_SECRET_ACCESS_KEY": dynamodb.secret_access_key,
        "AWS_REGION": dynamodb.region,
        "AWS_ENDPOINT_URL": dynamodb.url,
    }
    exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
    stack = pair.taken.session.stack
    until = f"cd {shlex.quote(str(stack.project))} && harness down"
    if stack.engine == "external":
        until = f"you drop database {pair.name}; the table goes with its server"
    return (
        f"psql {shlex.quote(pair.endpoints.postgres.dsn)}\n"
        f"{exports} aws dynamodb scan --table-name {shlex.quote(pair.config.table)}\n"
        f"it stays until: {until}"
    )


def _changes(pair: Pair) -> str:
    try:
        return shown_changes(pair.changes()) or "(none)"
    except HarnessError as exc:
        return in_words(exc)
