"""Pattern E, as deployed on Lambda: a message that comes, changes or goes puts its message group in its place.

Each group that the event touches gets one transaction that brings both people's rows to what the table's newest
message says. The rows follow the table and not the event, so that redelivery, late and reordered records, several
records at once, and removals all end in the same state. Rows that are already right are not written; and the group
rows' own stream records touch no group. So nothing loops.

The endpoint, region and credentials come from the environment only; the table is the one that the record names.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3

GROUP_INDEX = "message-group-sk-index"
#: How often a transaction is tried again with what the table holds by then; after that Lambda retries the batch.
ATTEMPTS = 20

Item = dict[str, dict[str, Any]]


def handler(event: dict[str, Any], _context: object) -> None:
    """Put every message group that the records touch in its place."""
    for table, group in touched(event["Records"]):
        refresh(table, group)


def touched(records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return table and message group of the records that are about messages, each once."""
    found = {}
    for record in records:
        pk = record["dynamodb"]["Keys"]["pk"].get("S", "")
        if pk.startswith("MSG#"):
            found[_table_of(record), pk.removeprefix("MSG#")] = True
    return list(found)


def refresh(table: str, group: str) -> None:
    """Bring a group's rows to its newest message, both in one transaction."""
    later: dict[str, int] = {}
    for attempt in range(ATTEMPTS):
        message = newest_message(table, group)
        rows = current_rows(table, group, trust_index=attempt == 0)
        if message is None:
            return
        actions = moves(table, rows, message, later)
        if not actions:
            if attempt > 0 or all(_is_in_table(table, row) for row in rows):
                return
            # The index shows what was right once. The rows moved on since, and have to come back.
            continue
        try:
            _client().transact_write_items(TransactItems=[action for _, action in actions])
        except _client().exceptions.TransactionCanceledException as error:
            for (owner, _), reason in zip(actions, error.response.get("CancellationReasons", ()), strict=False):
                # `owner` is set where a new key was taken: by another group of the same person, at the same instant.
                if owner and reason.get("Code") == "ConditionalCheckFailed":
                    later[owner] = later.get(owner, 0) + 1
        else:
            return
    raise RuntimeError(f"the rows of message group {group} kept changing: gave up after {ATTEMPTS} attempts")


def newest_message(table: str, group: str) -> Item | None:
    """Return the group's last message as the table holds it now; None where there is none (left)."""
    found = _client().query(
        TableName=table,
        # Instants begin with a digit. What an application keeps beside its messages (`META`, …) sorts after them.
        KeyConditionExpression="pk = :pk AND sk < :letters",
        ExpressionAttributeValues={":pk": {"S": f"MSG#{group}"}, ":letters": {"S": "A"}},
        ScanIndexForward=False,
        Limit=1,
        ConsistentRead=True,
    )["Items"]
    return found[0] if found else None


def current_rows(table: str, group: str, *, trust_index: bool) -> list[Item]:
    """Return the group's rows: from the index, or, where that lags behind, from each person's list."""
    rows = _query(
        TableName=table,
        IndexName=GROUP_INDEX,
        KeyConditionExpression="message_group_uuid = :group",
        ExpressionAttributeValues={":group": {"S": group}},
    )
    rows = [row for row in rows if row["pk"]["S"].startswith("GRP#")]
    people = {_owner(row) for row in rows} | {row["user_uuid"]["S"] for row in rows}
    if trust_index and len(rows) == len(people) == len({_owner(row) for row in rows}):
        return rows
    return [row for person in sorted(people) for row in _rows_of_person(table, person, group)]


def moves(
    table: str, rows: list[Item], message: Item, later: dict[str, int]
) -> list[tuple[str | None, dict[str, Any]]]:
    """Return the transaction's actions; the owner is named beside each that puts a row at a new key."""
    actions: list[tuple[str | None, dict[str, Any]]] = []
    at, text = _instant(message["sk"]["S"]), message.get("message", {"S": ""})
    for owner in dict.fromkeys(_owner(row) for row in rows):
        own = {row["sk"]["S"]: row for row in rows if _owner(row) == owner}
        newest = max(own.values(), key=_shown_at)
        stays = _shown_at(newest) == at
        key = newest["sk"]["S"] if stays else _text(at + timedelta(microseconds=later.get(owner, 0)))
        actions += [(None, _delete(table, row)) for sk, row in own.items() if sk != key]
        if not stays or newest.get("message") != text:
            actions.append((None if key in own else owner, _put(table, _row_at(newest, key, at, text), own.get(key))))
    return actions


def _row_at(row: Item, key: str, at: datetime, text: dict[str, Any]) -> Item:
    """Return the row as it is to be; what else an application keeps in it stays."""
    moved = {name: value for name, value in row.items() if name != "last_message_at"}
    true_time = {} if _instant(key) == at else {"last_message_at": {"S": _text(at)}}
    return moved | {"sk": {"S": key}, "message": text} | true_time


def _put(table: str, row: Item, over: Item | None) -> dict[str, Any]:
    condition = {"ConditionExpression": "attribute_not_exists(pk)"} if over is None else _unchanged(over)
    return {"Put": {"TableName": table, "Item": row} | condition}


def _delete(table: str, row: Item) -> dict[str, Any]:
    return {"Delete": {"TableName": table, "Key": {"pk": row["pk"], "sk": row["sk"]}} | _unchanged(row)}


def _unchanged(row: Item) -> dict[str, Any]:
    """Return the condition that the row is still what was read: this group's, with this text."""
    condition: dict[str, Any] = {
        "ConditionExpression": "message_group_uuid = :group AND #message = :message",
        "ExpressionAttributeNames": {"#message": "message"},
        "ExpressionAttributeValues": {":group": row["message_group_uuid"], ":message": row.get("message")},
    }
    if "message" not in row:
        condition["ConditionExpression"] = "message_group_uuid = :group AND attribute_not_exists(#message)"
        del condition["ExpressionAttributeValues"][":message"]
    return condition


def _is_in_table(table: str, row: Item) -> bool:
    """Tell whether the table still holds the row as the index showed it."""
    return _query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND sk = :sk",
        ExpressionAttributeValues={":pk": row["pk"], ":sk": row["sk"]},
        ConsistentRead=True,
    ) == [row]


def _rows_of_person(table: str, person: str, group: str) -> list[Item]:
    return _query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        FilterExpression="message_group_uuid = :group",
        ExpressionAttributeValues={":pk": {"S": f"GRP#{person}"}, ":group": {"S": group}},
        ConsistentRead=True,
    )


def _query(**parameters: Any) -> list[Item]:
    items: list[Item] = []
    while True:
        page = _client().query(**parameters)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return items
        parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _owner(row: Item) -> str:
    return str(row["pk"]["S"]).removeprefix("GRP#")


def _shown_at(row: Item) -> datetime:
    """When the row's message was written; its sk is later where that key was taken."""
    return _instant(row.get("last_message_at", row["sk"])["S"])


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds")


def _table_of(record: dict[str, Any]) -> str:
    """`arn:aws:dynamodb:<region>:<account>:table/<table>/stream/<label>` names the table."""
    resource = record.get("eventSourceARN", "").partition(":table/")[2]
    return resource.partition("/")[0] or os.environ.get("DDB_MESSAGE_TABLE", "cruddur-messages")


@cache
def _client() -> Any:
    return boto3.client("dynamodb")
