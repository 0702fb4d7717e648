"""`harness scan`: everything in the table, by item collection."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from typing import TYPE_CHECKING

from harness.commands.options import add_json
from harness.errors import ExitCode, UsageError
from harness.render.words import counted, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.dataset import Item

SUMMARY = "print all items of the DynamoDB table, grouped by item collection"
EXAMPLES = """
harness scan | less
harness scan --limit 20
harness scan --json > items.json
"""
WRITES_STATE = False


def configure(parser: Parser) -> None:
    """Add how much of it."""
    parser.add_argument("--limit", metavar="N", type=int, help="stop after N items")
    add_json(parser)


def run(config: Config, args: argparse.Namespace) -> int:
    """Scan page by page, and print while it comes."""
    from harness import workflow

    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit {args.limit} prints nothing", hint="give a number from 1 up, or leave it out")
    with workflow.attached(config) as (_, stores):
        items = stores.dynamodb.items(config.table, limit=args.limit)
        (_write_json if args.json else _write_text)(items)
    return ExitCode.OK


def _write_text(items: Iterable[Item]) -> None:
    total = collections = 0
    for pk, collection in groupby(items, key=_partition):
        collections += 1
        print(printable(pk))
        for item in collection:
            total += 1
            print(printable(f"  {_line(item)}"))
    print(f"{counted(total, 'item')} in {counted(collections, 'item collection')}")


def _line(item: Item) -> str:
    rest = (f"{name}={_plain(value)}" for name, value in sorted(item.items()) if name not in {"pk", "sk"})
    return "  ".join([_plain(item.get("sk", {})), *rest]).replace("\n", "\\n")


def _write_json(items: Iterable[Item]) -> None:
    """Write one array of item collections, in DynamoDB JSON, without holding more than one of them."""
    separator = "["
    for pk, collection in groupby(items, key=_partition):
        sys.stdout.write(f"{separator}\n{json.dumps({'pk': pk, 'items': list(collection)})}")
        separator = ","
    sys.stdout.write("[]\n" if separator == "[" else "\n]\n")


def _partition(item: Item) -> str:
    return _plain(item.get("pk", {}))


def _plain(value: dict[str, object]) -> str:
    """Return an attribute value without its type."""
    inner = next(iter(value.values()), "")
    return inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False, default=str)
