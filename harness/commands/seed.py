"""`harness seed`: load the dataset, or only say what it would be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.commands.options import add_json, add_plan, overrides, verbosity
from harness.commands.printing import print_json, print_loaded, print_rows
from harness.errors import ExitCode
from harness.instant import to_text
from harness.progress import progress_for
from harness.render import words

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config

SUMMARY = "make both databases hold exactly the seed; loading twice changes nothing"
EXAMPLES = """
harness seed --dry-run --json           counts, as_of and digest, without any engine
harness seed --messages 50000
harness seed --seed 7 --as-of now
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add what to seed, and whether to."""
    parser.add_argument("--dry-run", action="store_true", help="load nothing: print counts, as_of and digest")
    parser.add_argument("--replace", action="store_true", help="engine external: replace data that are not this seed's")
    add_plan(parser)
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Generate, and load unless it is a dry run."""
    from harness import workflow

    now = datetime.now(UTC)
    if not args.dry_run:
        progress = progress_for(verbosity(args))
        loaded = workflow.seed(config, overrides(args), now=now, replace_data=args.replace, progress=progress)
        print_loaded(loaded, as_json=args.json)
        return ExitCode.OK
    dataset = workflow.plan_dataset(config, overrides(args), now=now)
    as_of, counts, digest = to_text(dataset.as_of), dataset.counts(), dataset.digest()
    if args.json:
        print_json({"seed": dataset.seed, "as_of": as_of, "counts": counts, "digest": digest})
    else:
        print_rows(
            [("seed", f"{dataset.seed} as of {as_of}"), ("would hold", words.counts(counts)), ("digest", digest)]
        )
    return ExitCode.OK
