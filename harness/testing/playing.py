"""The fixtures that run the project's own code: its target, and handlers on the stream. Most tests don't pay for importing them."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.setting import http_target, load_target
from harness.stores.connections import application_connection
from harness.target import TargetContext
from harness.testing.attached import Streams
from harness.testing.boundary import told
from harness.testing.outcome import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from harness.target import Target
    from harness.testing.pair import Pair


def lend_streams(request: pytest.FixtureRequest, pair: Pair) -> Iterator[Streams]:
    """Lend the namespace's stream, and detach what the test attached."""
    with closing(Streams(pair)) as streams:
        request.node.stash[STREAMS] = streams
        yield streams


def lend_target(request: pytest.FixtureRequest, pair: Pair) -> Iterator[Target]:
    """Lend the project's target, made for the namespace."""
    with ExitStack() as stack:
        with told(request.config):
            stack.enter_context(pair.applied())
            target = _target(pair, stack)
        yield target


def _target(pair: Pair, stack: ExitStack) -> Target:
    config = pair.config
    if config.over_http:
        return http_target(config, pair.dataset)
    context = TargetContext(
        dynamodb=pair.dynamodb,
        postgres=stack.enter_context(application_connection(pair.endpoints.postgres)),
        table=config.table,
        clock=lambda: datetime.now(UTC),
        environment=pair.environment,
    )
    return load_target(config, context)
