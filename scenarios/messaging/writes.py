"""Patterns C and D: what is written, and under which conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from harness.target import MessageView, Refused

from .keys import MICROSECOND, PAIR_SK, group_pk, message_pk, pair_pk, sort_key

if TYPE_CHECKING:
    from datetime import datetime

    from .keys import Item
    from .people import Person
    from .table import Table

LONGEST_MESSAGE = 1024
#: How often a write moves on to the next microsecond, or repeats after a conflict, before it gives up.
ATTEMPTS = 50
_NEW = "attribute_not_exists(pk)"
#: The actions of the transaction, in order; cancellation reasons come in the same order.
_ACTIONS = ("my group row", "their group row", "the message", "the pair's marker")


class NotWritten(Exception):
    """DynamoDB declined a write; nothing of it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message on its way."""

    sender: Person
    text: str


def checked(text: object) -> str:
    """Return a text that may be sent, or raise Refused."""
    if not isinstance(text, str) or not text.strip():
        raise Refused("message_blank", "a message has to say something")
    if len(text) > LONGEST_MESSAGE:
        raise Refused("message_exceed_max_chars", f"{len(text)} characters, and {LONGEST_MESSAGE} are allowed")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused("message_not_text", "the message holds half a character (a lone surrogate)")
    return text


def create_message(table: Table, draft: Draft, message_group_uuid: str, now: datetime) -> MessageView:
    """Pattern C: one item, in the first microsecond from `now` on that is free."""
    view = _view(draft, message_group_uuid, now)
    for _ in range(ATTEMPTS):
        try:
            table.client.put_item(TableName=table.name, Item=_message_item(draft, view), ConditionExpression=_NEW)
        except table.client.exceptions.ConditionalCheckFailedException:
            if _is_written(table, view):
                return view
            view = replace(view, created_at=view.created_at + MICROSECOND)
        else:
            return view
    taken = f"{ATTEMPTS} microseconds up to {sort_key(view.created_at)} are all taken"
    raise NotWritten(f"message not written: {taken}")


def _is_written(table: Table, view: MessageView) -> bool:
    """Tell whether who has taken the key is this very message: AWS's SDKs repeat a write whose answer got lost."""
    key = {"pk": {"S": message_pk(view.message_group_uuid)}, "sk": {"S": sort_key(view.created_at)}}
    item = table.client.get_item(TableName=table.name, Key=key, ConsistentRead=True).get("Item", {})
    return bool(item.get("message_uuid") == {"S": view.uuid})


def create_message_group(table: Table, draft: Draft, other: Person, now: datetime) -> MessageView | str:
    """Pattern D: two group rows, the message and the pair's marker, all or none.

    Returns the uuid of the group that the pair already has, when somebody was faster.
    """
    for _ in range(ATTEMPTS):
        view = _view(draft, str(uuid4()), now)
        items = (
            _group_row(draft.sender, other, view),
            _group_row(other, draft.sender, view),
            _message_item(draft, view),
            _marker(draft.sender, other, view),
        )
        puts = [{"Put": {"TableName": table.name, "Item": item, "ConditionExpression": _NEW}} for item in items]
        try:
            table.client.transact_write_items(TransactItems=puts)
        except table.client.exceptions.TransactionCanceledException as error:
            codes = [reason.get("Code") or "None" for reason in error.response.get("CancellationReasons", ())]
            existing = marked_group(table, draft.sender, other)
            if existing is not None:
                return existing
            now += _delay_after(codes, error)
        else:
            return view
    raise NotWritten(f"message group not created: no free microsecond, or no end of conflicts, in {ATTEMPTS} attempts")


def group_of_pair(table: Table, me: Person, other: Person) -> str | None:
    """Return the uuid of the group that two people have, also one made by an application that writes no markers."""
    rows = table.query(
        "pk = :pk",
        {":pk": group_pk(me.uuid), ":other": other.uuid},
        FilterExpression="user_uuid = :other",
        ConsistentRead=True,
    )
    row = next(rows, None)
    return None if row is None else str(row["message_group_uuid"]["S"])


def marked_group(table: Table, one: Person, other: Person) -> str | None:
    """Return the uuid of the group that the pair's marker names."""
    key = {"pk": {"S": pair_pk(one.uuid, other.uuid)}, "sk": {"S": PAIR_SK}}
    item = table.client.get_item(TableName=table.name, Key=key, ConsistentRead=True).get("Item")
    return None if item is None else str(item["pair_group_uuid"]["S"])


def _delay_after(codes: list[str], error: Exception) -> Any:
    """How much later to try again: a taken key wants another microsecond, a conflict wants none."""
    if set(codes) <= {"None", "ConditionalCheckFailed", "TransactionConflict"} and set(codes) != {"None"}:
        return MICROSECOND if "ConditionalCheckFailed" in codes else 0 * MICROSECOND
    reasons = ", ".join(f"{action}: {code}" for action, code in zip(_ACTIONS, codes, strict=False) if code != "None")
    raise NotWritten(f"message group not created, nothing was written: {reasons or error}") from error


def _view(draft: Draft, message_group_uuid: str, created_at: datetime) -> MessageView:
    return MessageView(
        uuid=str(uuid4()),
        message_group_uuid=message_group_uuid,
        display_name=draft.sender.display_name,
        handle=draft.sender.handle,
        message=draft.text,
        created_at=created_at,
    )


def _person_attributes(person: Person) -> Item:
    return {
        "user_uuid": {"S": person.uuid},
        "user_display_name": {"S": person.display_name},
        "user_handle": {"S": person.handle},
    }


def _message_item(draft: Draft, view: MessageView) -> Item:
    return {
        "pk": {"S": message_pk(view.message_group_uuid)},
        "sk": {"S": sort_key(view.created_at)},
        "message": {"S": view.message},
        "message_uuid": {"S": view.uuid},
    } | _person_attributes(draft.sender)


def _group_row(owner: Person, shown: Person, view: MessageView) -> Item:
    return {
        "pk": {"S": group_pk(owner.uuid)},
        "sk": {"S": sort_key(view.created_at)},
        "message_group_uuid": {"S": view.message_group_uuid},
        "message": {"S": view.message},
    } | _person_attributes(shown)


def _marker(one: Person, other: Person, view: MessageView) -> Item:
    # Not named message_group_uuid: that would put the marker into the index of group rows.
    return {
        "pk": {"S": pair_pk(one.uuid, other.uuid)},
        "sk": {"S": PAIR_SK},
        "pair_group_uuid": {"S": view.message_group_uuid},
    }
