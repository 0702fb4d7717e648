"""`harness snapshot`: what both databases hold, under a name, to come back to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.commands.attaching import running_stack
from harness.commands.options import add_json, add_verb, subverbs
from harness.commands.printing import print_json, print_rows, print_table
from harness.errors import ExitCode

if TYPE_CHECKING:
    import argparse

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.snapshots.archive import Done
    from harness.snapshots.record import Snapshot

SUMMARY = "save what both databases hold under a name, and come back to it"
EXAMPLES = """
harness snapshot save before-the-bug
harness snapshot restore before-the-bug
harness snapshot list
harness snapshot rm before-the-bug
"""
WRITES_STATE = True

_VERBS = {
    "save": "save what both databases hold now; `harness down` removes it",
    "restore": "bring both databases, and the user pool, back to a snapshot; no trigger fires",
    "list": "list the snapshots of the stack that is up",
    "rm": "remove a snapshot",
}


def configure(parser: Parser) -> None:
    """Add the verb's verbs."""
    verbs = subverbs(parser, "VERB", list(_VERBS))
    for name, summary in _VERBS.items():
        example = f"harness snapshot {name}" + ("" if name == "list" else " before-the-bug")
        verb = add_verb(verbs, name, summary, example)
        if name != "list":
            verb.add_argument("name", metavar="NAME", help="letters, digits, dots, dashes and underscores")
        add_json(verb)


def run(config: Config, args: argparse.Namespace) -> int:
    """Run one."""
    from harness.schema_files import read_schema
    from harness.snapshots import archive

    stack = running_stack(config)
    if args.subverb == "list":
        _print_all(archive.list_snapshots(stack), as_json=args.json)
    elif args.subverb == "rm":
        _print_removed(archive.remove(stack, args.name), as_json=args.json)
    elif args.subverb == "save":
        done = archive.save(stack, args.name, read_schema(config), now=datetime.now(UTC))
        _print_done("saved", done, as_json=args.json)
    else:
        _print_done("restored", archive.restore(stack, args.name, read_schema(config)), as_json=args.json)
    return ExitCode.OK


def _print_done(what: str, done: Done, *, as_json: bool) -> None:
    snapshot = done.snapshot
    if as_json:
        print_json({what: snapshot.to_dict(), "ended_connections": done.ended})
        return
    print_rows([(what, snapshot.name), ("as of", snapshot.saved_at), ("holds", _held(snapshot))])
    if done.ended:
        print_rows([("note", f"{done.ended} connections to Postgres were ended: it copies only what nobody uses")])


def _print_removed(snapshot: Snapshot, *, as_json: bool) -> None:
    if as_json:
        print_json({"removed": snapshot.to_dict()})
    else:
        print_rows([("removed", snapshot.name)])


def _print_all(snapshots: tuple[Snapshot, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([snapshot.to_dict() for snapshot in snapshots])
    elif snapshots:
        print_table([("NAME", "SAVED", "HOLDS"), *((each.name, each.saved_at, _held(each)) for each in snapshots)])
    else:
        print("no snapshots; save one: harness snapshot save NAME")


def _held(snapshot: Snapshot) -> str:
    tables = ", ".join(f"{count:,} items of {name}" for name, count in snapshot.items.items())
    return f"{tables or 'no tables'}, and the Postgres database"
