"""Hears what a handler that runs in this process asks of AWS."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from harness.streams.invocation import AwsCall
from harness.streams.runtime.child.clients import watch_clients

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Of the call of a handler that is under way in this thread; None outside, where nobody listens.
_heard: ContextVar[list[AwsCall] | None] = ContextVar("heard", default=None)


@cache
def watch_this_process() -> None:
    """Watch the clients that are made from now on, as in a handler's own process, and lead none of them elsewhere.

    For good: a handler keeps its clients. The harness's own are watched too, which changes nothing that they send.
    """
    watch_clients({"confined": False, "services": {}, "hosts": ()}, _tell, measure=False)


@contextmanager
def listening() -> Iterator[list[AwsCall]]:
    """Collect the calls that the block makes, oldest first; not those of threads that it starts."""
    calls: list[AwsCall] = []
    token = _heard.set(calls)
    try:
        yield calls
    finally:
        _heard.reset(token)


def _tell(call: dict[str, Any]) -> None:
    calls = _heard.get()
    if calls is not None:
        calls.append(AwsCall(**call))
