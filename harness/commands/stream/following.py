"""`harness stream run`: attach a handler to the table's stream, and deliver what comes until told to stop."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from harness.commands.stream import site as sites
from harness.commands.stream.terms import add_handler, add_terms, emulation, handler_name, parameters
from harness.errors import ExitCode
from harness.render.delivery import totals

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import FrameType

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "attach a handler to the stream of the running stack and deliver what comes, until Ctrl-C"
EXAMPLES = """
harness stream run
harness stream run message_group_stream --set MaximumRetryAttempts=3 --emulate time_scale=0.1
"""

_CHANGES = {
    "ENABLED": "the stream is there again",
    "DISABLING": "the stream is being switched off: what it holds is still delivered",
    "DISABLED": "the stream is switched off: what it holds is still delivered (a table that was loaded anew has a new stream: start again)",
    "GONE": "the stream is gone: nothing more comes from it (if the table has a new one, start again)",
    "UNREACHABLE": "the engine does not answer; waiting for it",
}


def configure(parser: Parser) -> None:
    """Add the handler and the terms."""
    add_handler(parser)
    add_terms(parser)
    sites.add_from_start(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Follow the stream."""
    from harness.streams.emulation import Emulation
    from harness.streams.follow import follow
    from harness.trigger import Terms

    name = handler_name(config, args.name)
    teller = sites.Teller(quiet=False)
    as_on_aws = Emulation(region=config.region, time_scale=1.0, on_stuck="retry", poll_interval=0.02)
    terms = Terms(
        parameters=parameters(args),
        emulation=emulation(args, as_on_aws),
        watch=teller,
        unconfined=args.unconfined,
    )
    with (
        sites.open_site(config, writes="stream run") as site,
        sites.attached_handler(site, name, terms, from_start=args.from_start) as trigger,
        _told_to_stop() as stop,
    ):
        for line in (*sites.attachment(trigger, name), "Ctrl-C ends it; what is not done by then comes next time"):
            sites.say(line)
        try:
            follow(trigger.poller, stop, on_change=lambda status: sites.say(_CHANGES.get(status, status)))
        finally:
            sites.say(totals(teller.delivery))
    return ExitCode.OK


@contextmanager
def _told_to_stop() -> Iterator[Event]:
    """Let the first Ctrl-C or SIGTERM finish the call that is under way; the second one interrupts that too."""
    stop = Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    previous = {n: signal.signal(n, tell) for n in numbers if signal.getsignal(n) is not signal.SIG_IGN}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
