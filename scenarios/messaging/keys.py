"""Keys of the one table; docs/access-patterns.md says why they are as they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from harness.instant import from_text, to_text

#: An item in DynamoDB JSON.
Item = dict[str, dict[str, Any]]

#: Holds the two group rows of each message group (nothing else carries `message_group_uuid`).
GROUP_INDEX = "message-group-sk-index"
PAIR_SK = "PAIR"
MICROSECOND = timedelta(microseconds=1)


def message_pk(message_group_uuid: str) -> str:
    """Partition of a group's messages; their sk is the instant they were created."""
    return f"MSG#{message_group_uuid}"


def group_pk(user_uuid: str) -> str:
    """Partition of a person's list of message groups; their sk is the instant of the last message."""
    return f"GRP#{user_uuid}"


def pair_pk(one: str, other: str) -> str:
    """Partition of the marker that lets two people have one message group only."""
    lower, higher = sorted((one, other))
    return f"PAIR#{lower}#{higher}"


def sort_key(instant: datetime) -> str:
    """Return the text that sorts as the instant does."""
    return to_text(instant)


def last_message_at(row: Item) -> datetime:
    """Return the instant of a group row's last message: sk may be a few microseconds later, see docs."""
    return from_text(row.get("last_message_at", row["sk"])["S"])
