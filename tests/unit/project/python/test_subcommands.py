from __future__ import annotations

import textwrap

import pytest

from harness.project.python.subcommands import word_for
from tests.unit.project.written import source

DEFINED = """
import sys, argparse, click
def make(table): client.create_table(TableName=table)
def fill(table):
    for line in lines: write(table, line)
def write(table, line): client.put_item(TableName=table, Item=item(line))
def unused(): client.put_item()
"""
WORDS = {"create_table": "make-it", "put_item": "fill-it"}


@pytest.mark.parametrize(
    "code",
    [
        """
        args = argparse.ArgumentParser().parse_args()
        match args.command:
            case "make-it": make(args.table)
            case "fill-it" | "seed": fill(args.table)
            case _: print("?")
        """,
        """
        if __name__ == "__main__":
            command = sys.argv[1] if len(sys.argv) > 1 else ""
            if command == "make-it":
                make("t")
            elif command in ("fill-it", "seed"):
                fill("t")
        """,
        """
        from sys import argv
        def main(what):
            if what.lower() == "make-it": return make("t")
            if "fill-it" == what: fill("t")
        main(argv[1])
        """,
        """
        parsers = argparse.ArgumentParser().add_subparsers()
        one = parsers.add_parser("make-it", help="the table")
        one.set_defaults(func=make)
        two = parsers.add_parser("fill-it")
        two.set_defaults(func=fill)
        args = parser.parse_args()
        args.func(args)
        """,
        """
        {"make-it": make, "fill-it": fill}[sys.argv[1]]("t")
        todo = sys.argv[1]
        """,
        """
        @click.group()
        def cli(): pass
        @cli.command()
        def make_it(): make("t")
        @cli.command("fill-it")
        def other(): fill("t")
        cli()
        """,
        """
        @click.command()
        def one(): make("t")
        @click.command()
        def two(): fill("t")
        cli.add_command(one, name="make-it")
        cli.add_command(two, name="fill-it")
        cli()
        """,
    ],
)
@pytest.mark.parametrize("deed", WORDS)
def test_a_script_that_does_several_things_is_told_which(code: str, deed: str) -> None:
    script = source("bin/ddb", DEFINED + textwrap.dedent(code))
    assert word_for(script, frozenset({deed})) == WORDS[deed]


def test_options_that_are_there_or_not_are_words() -> None:
    code = """
    parser.add_argument("--seed-it", action="store_true")
    args = parser.parse_args()
    if args.seed_it: fill("t")
    """
    assert word_for(source("bin/ddb", DEFINED + textwrap.dedent(code)), frozenset({"put_item"})) == "--seed-it"


@pytest.mark.parametrize(
    "code",
    [
        "fill('t')",
        "if len(sys.argv) == 2 and sys.argv[1] == 'prod': client = boto3.client()\nfill('t')",
        "if sys.argv[1] == 'prod': fill('t')",
        "if 'production' in sys.argv: fill('t')\nelse: print()",
        "if sys.argv[1] == 'scan': scan()\nelse: fill('t')",
        "if not args.dry: fill('t')\nargs = parser.parse_args()",
        "for line in lines:\n    if line['who'] == 'me': fill('t')",
        "@click.command()\ndef seed(): fill('t')\nseed()",
        "seed(",
        "",
    ],
)
def test_no_word_where_none_is_needed_and_never_one_for_production(code: str) -> None:
    assert word_for(source("bin/ddb", DEFINED + code), frozenset({"put_item"})) is None
