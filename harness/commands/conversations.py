"""`harness conversations`: who talks to whom, and what they say."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from harness.commands.options import add_json, add_verb, subverbs
from harness.commands.printing import print_json, print_table
from harness.errors import ExitCode, UsageError
from harness.instant import from_text, to_text
from harness.render.words import counted, printable
from harness.spelling import did_you_mean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from harness.commands.options import Parser
    from harness.config import Config
    from harness.dataset import Item, User
    from harness.stores.registry import Stores

SUMMARY = "list a user's message groups, or read one"
EXAMPLES = """
harness conversations list --user andrewbrown
harness conversations show 5ae290ed-55d1-47a0-bc6d-fe2bc2700399
"""
WRITES_STATE = False

_INDEX = "message-group-sk-index"


def configure(parser: Parser) -> None:
    """Add list and show."""
    verbs = subverbs(parser, "list|show", ("list", "show"))
    listing = add_verb(verbs, "list", "list a user's message groups, newest first", EXAMPLES.splitlines()[1])
    listing.add_argument("--user", metavar="HANDLE", required=True, help="whose: see harness users list")
    add_json(listing)
    showing = add_verb(verbs, "show", "read a message group, oldest message first", EXAMPLES.splitlines()[2])
    showing.add_argument("group", metavar="GROUP", help="its uuid: see harness conversations list")
    add_json(showing)


def run(config: Config, args: argparse.Namespace) -> int:
    """List or show."""
    from harness import workflow

    with workflow.attached(config) as (_, stores):
        if args.subverb == "list":
            user = _user(stores, args.user)
            _print_groups(user, list(stores.dynamodb.item_collection(config.table, f"GRP#{user.uuid}")), args.json)
        else:
            _show(stores, config.table, args.group, as_json=args.json)
    return ExitCode.OK


def _user(stores: Stores, handle: str) -> User:
    wanted = handle.removeprefix("@")
    user = stores.postgres.user_by_handle(wanted)
    if user is None:
        known = [known.handle for known in stores.postgres.list_users()]
        raise UsageError(
            f"no user has the handle `{wanted}` (public.users holds {len(known):,})",
            hint=did_you_mean(wanted, known, otherwise="harness users list"),
        )
    return user


def _print_groups(user: User, rows: list[Item], as_json: bool) -> None:  # noqa: FBT001
    rows.sort(key=_at, reverse=True)
    if as_json:
        print_json([_flat(row) | {"last_message_at": _at(row)} for row in rows])
    elif rows:
        print_table([(_minute(_at(row)), *_texts(row, "message_group_uuid", "user_handle", "message")) for row in rows])
    else:
        print(f"{user.handle} is in no message group")


def _show(stores: Stores, table: str, group: str, *, as_json: bool) -> None:
    messages = list(stores.dynamodb.item_collection(table, f"MSG#{group}"))
    people = list(_participants(stores, table, group))
    if not messages and not people:
        groups = {_texts(item, "message_group_uuid")[0] for item in stores.dynamodb.items(table) if _is_group_row(item)}
        raise UsageError(
            f"there is no message group {group} in {table} (it holds {len(groups):,})",
            hint=did_you_mean(group, groups, otherwise="harness conversations list --user HANDLE"),
        )
    if as_json:
        print_json(
            {"message_group_uuid": group, "participants": people, "messages": [_flat(item) for item in messages]}
        )
        return
    print(printable(f"{' and '.join(people) or 'nobody'}: {counted(len(messages), 'message')} in group {group}"))
    for day, of_day in groupby(messages, key=lambda item: _at(item)[:10]):
        print(f"\n{day}")
        for item in of_day:
            name, text = _texts(item, "user_display_name", "message")
            print(printable(f"  {_at(item)[11:16]}  {name}: {text}".replace("\n", "\n         ")))


def _participants(stores: Stores, table: str, group: str) -> Iterator[str]:
    """Yield the people that the group's rows name: each row names the other one."""
    rows = stores.dynamodb.query(
        table,
        IndexName=_INDEX,
        KeyConditionExpression="message_group_uuid = :group",
        ExpressionAttributeValues={":group": {"S": group}},
    )
    yield from sorted({_texts(row, "user_display_name")[0] for row in rows})


def _is_group_row(item: Item) -> bool:
    return item.get("pk", {}).get("S", "").startswith("GRP#") and "message_group_uuid" in item


def _at(item: Item) -> str:
    """Return the instant of a message, or of a group's last message, in UTC."""
    stamp = _texts(item, "last_message_at")[0] or _texts(item, "sk")[0]
    try:
        return to_text(from_text(stamp))
    except ValueError:
        return stamp


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")


def _texts(item: Item, *names: str) -> list[str]:
    return [str(next(iter(item.get(name, {"S": ""}).values()), "")) for name in names]


def _flat(item: Item) -> dict[str, str]:
    return {name: _texts(item, name)[0] for name in item}
