"""`harness stream deliver`: recorded records for a handler, with no engine and under a simulated clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.commands.options import add_json
from harness.commands.printing import print_json
from harness.commands.stream.lone import add_lone_handler, lone_handler
from harness.commands.stream.terms import add_terms, emulation, parameters
from harness.errors import ExitCode, UsageError
from harness.instant import from_text
from harness.render.words import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.streams.journal import Entry
    from harness.streams.not_delivered import NotDelivered
    from harness.streams.poller import Poller

SUMMARY = "deliver recorded records to a handler, with no engine and under a simulated clock"
EXAMPLES = """
harness stream deliver --handler handler.py:handler --records records.json
harness stream deliver --handler handler.py:handler --records records.json --mapping mapping.json --json
harness stream deliver --mapping template.yaml#Function --records records.json
harness stream deliver --handler handler.py:handler --records records.json --set BatchSize=1 --emulate retry_cap=3
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add what is delivered, to whom, and on which terms."""
    parser.add_argument(
        "--handler", metavar="FILE:FUNCTION", help="the function that gets the records (default: the template's)"
    )
    parser.add_argument(
        "--records", metavar="FILE", type=Path, required=True, help="Lambda events, or JSONL of records"
    )
    parser.add_argument("--mapping", metavar="FILE", help="CreateEventSourceMapping, or a template.yaml#LogicalId")
    parser.add_argument("--at", metavar="INSTANT", help="when it begins (default: 1 second after the newest record)")
    parser.add_argument("--unconfined", action="store_true", help="let the handler reach the world outside")
    add_lone_handler(parser)
    add_terms(parser)
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Deliver all of it; print what happened also when there is no end to it, and then say why."""
    from harness.simulated_trigger import open_simulated_trigger
    from harness.streams.clock import SimulatedClock
    from harness.streams.emulation import Emulation
    from harness.streams.journal import Cautioned
    from harness.streams.simulation.record_files import read_records
    from harness.trigger import Terms

    with_handler, name = lone_handler(config, args, mapping=args.mapping)
    records = read_records(args.records)
    entries: list[Entry] = []
    terms = Terms(
        parameters=parameters(args),
        emulation=emulation(args, Emulation(region=config.region)),
        clock=SimulatedClock(_begins_at(args.at, records)),
        watch=entries.append,
        unconfined=args.unconfined,
    )
    with open_simulated_trigger(with_handler, name, records, terms) as trigger:
        entries += [Cautioned(caution=caution) for caution in trigger.cautions]
        stopped = _drain(trigger.poller)
    _show(_each_caution_once(entries), trigger.poller, stopped, as_json=args.json)
    if stopped is not None:
        raise stopped
    return ExitCode.OK


def _drain(poller: Poller) -> NotDelivered | None:
    """Deliver, and return why it could not come to its end."""
    from harness.streams.not_delivered import NotDelivered

    try:
        poller.drain()
    except NotDelivered as exc:
        return exc
    return None


def _show(entries: Sequence[Entry], poller: Poller, stopped: NotDelivered | None, *, as_json: bool) -> None:
    from harness.render.delivery import delivery_json, delivery_lines, totals
    from harness.streams.journal import Delivery
    from harness.streams.mapping.rules import request_of

    delivery = Delivery.of(entries)
    if as_json:
        print_json(
            {
                "mapping": {"UUID": poller.mapping.uuid, **request_of(poller.mapping)},
                **delivery_json(delivery),
                "metrics": poller.metrics.snapshot(),
                "stopped": None if stopped is None else stopped.message,
            }
        )
        return
    for entry in entries:
        for line in delivery_lines(entry):
            print(printable(line))
    print(totals(delivery))


def _each_caution_once(entries: Sequence[Entry]) -> list[Entry]:
    from harness.streams.journal import Cautioned

    told = set()
    kept = []
    for entry in entries:
        if isinstance(entry, Cautioned):
            if entry.caution in told:
                continue
            told.add(entry.caution)
        kept.append(entry)
    return kept


def _begins_at(text: str | None, records: Sequence[Mapping[str, Any]]) -> float:
    if text is None:
        return float(max(record["dynamodb"]["ApproximateCreationDateTime"] for record in records)) + 1.0
    try:
        return from_text(text).timestamp()
    except ValueError as exc:
        raise UsageError(f"--at {text!r} is not an instant", hint="write such as --at 2026-03-02T12:00:00Z") from exc
