"""`harness schema`: files and live databases brought together, or compared."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from harness.commands.options import add_json, add_verb, subverbs
from harness.commands.printing import print_json
from harness.errors import ExitCode

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.schema import Difference

SUMMARY = "load the schema files, or compare them with the live databases"
EXAMPLES = """
harness schema load                 idempotent; changes indexes, stream and TTL in place
harness schema load --recreate      also what takes a new table; its items are gone
harness schema diff                 exit code 1 when something differs
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add load and diff."""
    verbs = subverbs(parser, "load|diff", ("load", "diff"))
    load = add_verb(verbs, "load", "bring both databases to the schema files", EXAMPLES.splitlines()[1])
    load.add_argument("--recreate", action="store_true", help="delete and make anew what can't be changed in place")
    add_json(load)
    add_json(add_verb(verbs, "diff", "compare files and live databases", EXAMPLES.splitlines()[3]))


def run(config: Config, args: argparse.Namespace) -> int:
    """Load or compare."""
    from harness import workflow
    from harness.schema_files import read_schema

    schema = read_schema(config)
    with workflow.attached(config) as (stack, stores):
        if args.subverb == "diff":
            return _report(stores.diff(schema), as_json=args.json)
        stack.require_writable("schema load")
        done = stores.apply_schema(schema, recreate=args.recreate)
    if args.json:
        print_json({"done": done})
    else:
        print("\n".join(done) or "nothing to do: both databases are as the files say")
    return ExitCode.OK


def _report(differences: tuple[Difference, ...], *, as_json: bool) -> int:
    if as_json:
        print_json({"differences": [asdict(difference) for difference in differences]})
    for difference in () if as_json else differences:
        print(f"{difference.where}: {difference.what} ({difference.remedy})")
        print(f"  files say  {difference.wanted}\n  found      {difference.found}")
    if not differences and not as_json:
        print("no difference")
    return ExitCode.FAILED if differences else ExitCode.OK
