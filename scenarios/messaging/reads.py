"""Patterns A and B: one item collection, newest first, a page at a time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from harness.instant import from_text
from harness.target import MessageGroupView, MessageView, Page, Refused

from . import cursor as cursors
from .keys import group_pk, last_message_at, message_pk

if TYPE_CHECKING:
    from .keys import Item
    from .table import Table

#: Entries asked for at once; a longer page takes several requests.
_PAGE = 1000


def list_messages(
    table: Table, user_uuid: str, message_group_uuid: str, limit: int, cursor: str | None
) -> Page[MessageView]:
    """Pattern A: nobody reads a group that they aren't in, and an unknown group is empty."""
    rows = table.group_rows(message_group_uuid)
    if not table.is_member(user_uuid, message_group_uuid, rows):
        if rows:
            raise Refused("not_a_member")
        return Page(entries=(), cursor=None)
    items, following = _page(table, message_pk(message_group_uuid), limit, cursor)
    return Page(entries=tuple(_message(item, message_group_uuid) for item in items), cursor=following)


def list_message_groups(table: Table, user_uuid: str, limit: int, cursor: str | None) -> Page[MessageGroupView]:
    """Pattern B."""
    items, following = _page(table, group_pk(user_uuid), limit, cursor)
    return Page(entries=tuple(_group(item) for item in items), cursor=following)


def _page(table: Table, pk: str, limit: int, cursor: str | None) -> tuple[list[Item], str | None]:
    if limit < 1:
        raise Refused("limit_invalid", f"a page has at least one entry, not {limit}")
    start = {"ExclusiveStartKey": cursors.decode(cursor, pk=pk)} if cursor else {}
    # One more than is shown: LastEvaluatedKey alone can't tell a full last page from one that has a successor.
    found = table.query("pk = :pk", {":pk": pk}, ScanIndexForward=False, Limit=min(limit, _PAGE) + 1, **start)
    items = list(islice(found, limit + 1))
    if len(items) <= limit:
        return items, None
    return items[:limit], cursors.encode(items[limit - 1])


def _message(item: Item, message_group_uuid: str) -> MessageView:
    return MessageView(
        uuid=item["message_uuid"]["S"],
        message_group_uuid=message_group_uuid,
        display_name=item["user_display_name"]["S"],
        handle=item["user_handle"]["S"],
        message=item["message"]["S"],
        created_at=from_text(item["sk"]["S"]),
    )


def _group(row: Item) -> MessageGroupView:
    return MessageGroupView(
        uuid=row["message_group_uuid"]["S"],
        display_name=row["user_display_name"]["S"],
        handle=row["user_handle"]["S"],
        message=row["message"]["S"],
        created_at=last_message_at(row),
    )
