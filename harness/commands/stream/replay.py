"""`harness stream replay`: recorded records for a handler that works on the running stack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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

SUMMARY = "deliver recorded records once more, to a handler that works on the running stack"
EXAMPLES = """
harness stream replay records.json
harness stream replay records.jsonl message_group_stream --set BatchSize=1 --json
"""


def configure(parser: Parser) -> None:
    """Add the records, the handler and the terms."""
    parser.add_argument("records", metavar="FILE", type=Path, help="as `harness stream events --save` writes it")
    add_handler(parser)
    add_terms(parser)
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Deliver all of it. The stream's own place, and its checkpoints, stay as they are."""
    from harness.simulated_trigger import open_simulated_trigger
    from harness.streams.clock import HurriedClock
    from harness.streams.emulation import Emulation
    from harness.streams.not_delivered import NotDelivered
    from harness.streams.simulation.record_files import read_records
    from harness.trigger import Terms, make_function

    name = handler_name(config, args.name)
    records = read_records(args.records)
    teller = sites.Teller(quiet=args.json, keep=args.json)
    terms = Terms(
        parameters=parameters(args),
        emulation=emulation(args, Emulation(region=config.region)),
        clock=HurriedClock(),
        watch=teller,
        unconfined=args.unconfined,
    )
    stopped: NotDelivered | None = None
    with (
        sites.open_site(config, writes="stream replay") as site,
        open_simulated_trigger(
            config, name, records, terms, make=lambda file, mapping: make_function(site, name, file, mapping, terms)
        ) as trigger,
    ):
        try:
            trigger.poller.drain()
        except NotDelivered as error:
            stopped = error
    if args.json:
        print_json(delivery_json(teller.delivery) | {"stopped": stopped and stopped.message})
    else:
        sites.say(totals(teller.delivery))
    if stopped is not None:
        raise stopped
    return ExitCode.OK
