"""A dataset as the stream that its writing would have made."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING, Any

from harness.streams.simulation.records import ViewType, change, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from harness.dataset import Dataset, Item, MessageGroup


def insertions(
    dataset: Dataset,
    *,
    messages_only: bool = False,
    view_type: ViewType = "NEW_AND_OLD_IMAGES",
    region: str = "us-east-1",
) -> Iterator[dict[str, Any]]:
    """Yield an INSERT, in boto3's shape, for each item in the order of time; group rows follow their last message.

    Records are made while they are read; of the messages, one for each group is in memory.
    """
    number = numbers()
    histories = (_history(dataset, group, messages_only=messages_only) for group in dataset.groups)
    for at, item in merge(*histories, key=lambda entry: entry[0]):
        record = change(
            None, item, keys=("pk", "sk"), view_type=view_type, at=at, sequence_number=next(number), region=region
        )
        if record is not None:
            yield record


def _history(dataset: Dataset, group: MessageGroup, *, messages_only: bool) -> Iterator[tuple[datetime, Item]]:
    for message in dataset.messages_of(group):
        yield message.created_at, message.item()
    if not messages_only:
        for row in group.items():
            yield group.last_message.created_at, row
