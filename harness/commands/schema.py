"""`harness schema`: files and live databases brought together, or compared."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from harness.commands.options import add_json, add_verb, subverbs
from harness.commands.printing import print_json
from harness.errors import ExitCode, UsageError

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.deployment.compare import Compared
    from harness.deployment.declared import DeclaredTable
    from harness.schema import Difference, Schema, TableSchema

SUMMARY = "load the schema files, or compare them with the live databases"
EXAMPLES = """
harness schema load                 idempotent; changes indexes, stream and TTL in place
harness schema load --recreate      also what takes a new table; its items are gone
harness schema diff                 exit code 1 when something differs
harness schema diff --template template.yaml --parameter StageSuffix=-staging
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add load and diff."""
    verbs = subverbs(parser, "load|diff", ("load", "diff"))
    load = add_verb(verbs, "load", "bring both databases to the schema files", EXAMPLES.splitlines()[1])
    load.add_argument("--recreate", action="store_true", help="delete and make anew what can't be changed in place")
    add_json(load)
    diff = add_verb(verbs, "diff", "compare files and live databases", "\n".join(EXAMPLES.splitlines()[3:]))
    diff.add_argument(
        "--template",
        metavar="FILE",
        type=Path,
        help="compare a CloudFormation or SAM template's tables with those of the stack that is up, or of the schema files",
    )
    diff.add_argument(
        "--parameter", metavar="NAME=VALUE", action="append", default=[], help="a parameter of the template"
    )
    add_json(diff)


def run(config: Config, args: argparse.Namespace) -> int:
    """Load or compare."""
    from harness import workflow
    from harness.schema_files import read_schema

    schema = read_schema(config)
    if args.subverb == "diff" and (args.template or args.parameter):
        return _diff_template(config, args, schema)
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


def _diff_template(config: Config, args: argparse.Namespace, schema: Schema) -> int:
    """Compare a template's tables with the local ones, and say what the template alone can't tell."""
    from harness import stack as stacks
    from harness.deployment.compare import as_json
    from harness.deployment.declared import declared_tables

    if args.template is None:
        raise UsageError("--parameter goes with --template", hint="harness schema diff --template FILE --parameter …")
    declared = declared_tables(args.template, region=config.region, parameters=dict(map(_parameter, args.parameter)))
    up = stacks.attach(config) is not None
    compared = _with_stack(config, declared, schema) if up else _with_files(declared, schema)
    differ = any(each.differences for each in compared)
    if args.json:
        print_json({"against": "stack" if up else "files", **as_json(compared)})
        return ExitCode.FAILED if differ else ExitCode.OK
    for each in compared:
        print("\n".join(each.lines(args.template.name, "the local table" if up else "the schema file")))
    if not differ:
        print(f"no difference to {'the stack that is up' if up else 'the schema files (no stack is up)'}")
    return ExitCode.FAILED if differ else ExitCode.OK


def _with_stack(config: Config, declared: list[DeclaredTable], schema: Schema) -> list[Compared]:
    from harness import workflow
    from harness.deployment.compare import compare_tables
    from harness.schema import Schema

    with workflow.attached(config) as (_, stores):

        def live(table: TableSchema) -> tuple[Difference, ...]:
            return stores.dynamodb.diff(Schema(tables=(table,), migrations=()))

        return compare_tables(declared, [table.name for table in schema.tables], live)


def _with_files(declared: list[DeclaredTable], schema: Schema) -> list[Compared]:
    from harness.deployment.compare import against, compare_tables

    files = {table.name: against(table) for table in schema.tables}
    return compare_tables(declared, files, lambda table: files[table.name](table))


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--parameter {text!r}", hint="write --parameter NAME=VALUE")
    return name, value
