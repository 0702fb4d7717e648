"""Following a stream until somebody says stop: attached, live, and nearly free while nothing happens."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from harness.stores.streams_api import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from harness.streams.poller import Poller

log = logging.getLogger(__name__)

#: The longest pause between two looks at a stream in which nothing happens, in seconds.
LONGEST_PAUSE = 0.1
#: How much longer each pause is than the one before.
_GROWTH = 1.5
#: Where a record just came the next one is likely: the first pause is so much shorter than `poll_interval`.
_SOONER = 8
#: Seconds between two attempts to reach an engine that doesn't answer.
_PAUSE_UNREACHABLE = 0.5


def follow(poller: Poller, stop: Event, *, on_change: Callable[[str], object] = lambda _: None) -> None:
    """Deliver what comes until `stop` is set; `on_change` is told when the engine or the stream goes or comes back.

    While records come there is no pause at all; then pauses grow, by way of `poll_interval`, to a tenth of a second.
    An interval above that, such as AWS's, is kept as it is.
    """
    interval = poller.emulation.poll_interval
    shortest, longest = (interval / _SOONER, LONGEST_PAUSE) if interval < LONGEST_PAUSE else (interval, interval)
    pause, told = shortest, "ENABLED"
    while not stop.is_set():
        try:
            busy = poller.step()
            poller.take()
            status = poller.reader.status
        except Unreachable as error:
            log.info("the engine does not answer: %s", error)
            busy, status = False, "UNREACHABLE"
        if status != told:
            told = status
            on_change(status)
        if busy:
            pause = shortest
        elif status == "UNREACHABLE":
            poller.clock.wait(_PAUSE_UNREACHABLE)
        else:
            poller.rest(pause)
            pause = min(pause * _GROWTH, longest)
