"""`harness stream events`: the stream's records as a Lambda function would get them, without calling one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.options import add_json
from harness.commands.printing import print_json, print_table
from harness.commands.stream.site import open_site
from harness.errors import ExitCode, UsageError
from harness.instant import to_text
from harness.render.words import counted

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.streams.record import Record

SUMMARY = "print the records that the stream holds as a Lambda event, or save them"
EXAMPLES = """
harness stream events --limit 5
harness stream events --save records.json
"""


def configure(parser: Parser) -> None:
    """Add where to and how many."""
    parser.add_argument("--save", metavar="FILE", type=Path, help="write them there: JSONL where the name says so")
    parser.add_argument("--limit", metavar="N", type=int, help="only the newest N")
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Read the stream from its oldest record to its end."""
    from harness.streams.emulation import Emulation
    from harness.streams.reading.whole_stream import whole_stream
    from harness.streams.simulation.record_files import save_records

    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit {args.limit}", hint="ask for at least one record: --limit 1")
    emulation = Emulation(region=config.region)
    with open_site(config) as site:
        records = whole_stream(site.api, site.source(emulation.account), emulation)[-(args.limit or 0) :]
    if args.save is not None:
        save_records(args.save, [record.data for record in records])
        if not args.json:
            print(f"{counted(len(records), 'record')} saved in {args.save}")
            return ExitCode.OK
    if args.json:
        print_json({"Records": [record.data for record in records]})
    elif records:
        print_table([_row(record) for record in records])
    else:
        print(f"the stream of {config.table} holds no record")
    return ExitCode.OK


def _row(record: Record) -> tuple[str, ...]:
    from datetime import UTC, datetime

    made = to_text(datetime.fromtimestamp(record.created_at, UTC))
    return made, record.data["eventName"], record.sequence_number.lstrip("0"), record.item
