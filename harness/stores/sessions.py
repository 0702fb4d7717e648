"""Hears the boto3 clients that somebody else's code makes for itself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Listener(Protocol):
    """What can be attached to a client: a recorder, or what looks at each request."""

    def attach(self, events: Any) -> None:
        """Listen on `client.meta.events` or `session.events` of boto3."""


@contextmanager
def recorded_sessions(recorder: Listener) -> Iterator[None]:
    """Attach the recorder to every AWS session made until the block ends, boto3's default session included."""
    import boto3  # noqa: PLC0415 - 0.4 s that only those who need a client pay
    import botocore  # noqa: PLC0415

    def attach(session: Any) -> None:
        recorder.attach(session.get_component("event_emitter"))

    before = boto3.DEFAULT_SESSION
    # The default session reads the environment once, when it is made: it has to be made anew for this stack.
    boto3.DEFAULT_SESSION = None
    botocore.register_initializer(attach)
    try:
        yield
    finally:
        botocore.unregister_initializer(attach)
        boto3.DEFAULT_SESSION = before
