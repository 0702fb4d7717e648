"""`harness stream drain`: deliver all that the table's stream holds, and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.commands.options import add_json
from harness.commands.printing import print_json
from harness.commands.stream import site as sites
from harness.commands.stream.terms import add_handler, add_terms, emulation, handler_name, parameters
from harness.errors import ExitCode
from harness.render.delivery import delivery_json, totals

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.streams.not_delivered import NotDelivered
    from harness.trigger import Trigger

SUMMARY = "deliver what the stream of the running stack holds to a handler, and come back when all is done"
EXAMPLES = """
harness stream drain
harness stream drain message_group_stream --set BatchSize=1 --json
harness stream drain --from-start
"""


def configure(parser: Parser) -> None:
    """Add the handler and the terms."""
    add_handler(parser)
    add_terms(parser)
    sites.add_from_start(parser)
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Drain, and tell what happened, also where it could not come to its end."""
    from harness.streams.clock import HurriedClock
    from harness.streams.emulation import Emulation
    from harness.streams.not_delivered import NotDelivered
    from harness.trigger import Terms

    name = handler_name(config, args.name)
    teller = sites.Teller(quiet=args.json, keep=args.json)
    terms = Terms(
        parameters=parameters(args),
        emulation=emulation(args, Emulation(region=config.region)),
        clock=HurriedClock(),
        watch=teller,
        unconfined=args.unconfined,
    )
    with (
        sites.open_site(config, writes="stream drain") as site,
        sites.attached_handler(site, name, terms, from_start=args.from_start) as trigger,
    ):
        if not args.json:
            for line in sites.attachment(trigger, name):
                sites.say(line)
        stopped = None
        try:
            trigger.poller.drain()
        except NotDelivered as error:
            stopped = error
        if args.json:
            print_json(_report(name, trigger, teller, stopped))
        else:
            sites.say(totals(teller.delivery))
    if stopped is not None:
        raise stopped
    return ExitCode.OK


def _report(name: str, trigger: Trigger, teller: sites.Teller, stopped: NotDelivered | None) -> dict[str, Any]:
    from harness.streams.mapping.rules import request_of

    poller = trigger.poller
    report: dict[str, Any] = {
        "handler": name,
        "stream": poller.mapping.event_source_arn,
        "mapping": {"UUID": poller.mapping.uuid, **request_of(poller.mapping)},
    }
    told = delivery_json(teller.delivery)
    told["cautions"][:0] = [
        {"code": each.code, "text": each.text, "records": list(each.sequence_numbers)} for each in trigger.cautions
    ]
    return report | told | {"metrics": poller.metrics.snapshot(), "stopped": stopped and stopped.message}
